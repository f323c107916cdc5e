import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import { ClientCredentialsProvider, type ClientCredentialsOptions } from 'nestjs-nats-auth/providers';
import { freePort } from 'nestjs-nats-auth/testing';
import { onTestFinished } from 'vitest';

import { certificate } from './certificate.js';
import { SECRET } from './clients.js';

/** Speaks HTTP as a token endpoint, and answers as the test says. */
export interface TokenServer {
  readonly url: string;
  /** Its certificate, when it speaks HTTPS. */
  readonly ca?: string;
  /** Sockets that are open at this moment. */
  readonly sockets: ReadonlySet<Socket>;
}

export async function tokenServer(answer: RequestListener, secure = false): Promise<TokenServer> {
  const material = secure ? await certificate('idp') : undefined;
  const server = material
    ? createSecureServer({ key: material.private, cert: material.cert }, answer)
    : createServer(answer);
  const sockets = new Set<Socket>();
  server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await once(server.listen(await freePort(), '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, ca: material?.cert, sockets };
}

/** A provider that asks it. */
export function providerAt(
  { url, ca }: Pick<TokenServer, 'url' | 'ca'>,
  options: Partial<ClientCredentialsOptions> = {},
): ClientCredentialsProvider {
  return new ClientCredentialsProvider({
    issuer: url,
    tokenEndpoint: `${url}/token`,
    clientId: 'orders',
    authentication: { method: 'client_secret_post', secret: SECRET },
    allowHttp: true,
    ca,
    ...options,
  });
}
