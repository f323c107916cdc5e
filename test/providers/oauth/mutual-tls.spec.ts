import { ClientCredentialsProvider } from 'nestjs-nats-auth/providers';
import { afterAll, beforeAll, expect, it } from 'vitest';

import {
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider/identity-provider.js';
import { certificate } from './certificate.js';
import { userInfoRequest } from './user-info-request.js';

let idp: IdentityProvider;
let server: Awaited<ReturnType<typeof certificate>>;
let orders: typeof server;
let stranger: typeof server;
beforeAll(async () => {
  server = await certificate('idp');
  orders = await certificate('orders');
  stranger = await certificate('stranger');
  idp = await startIdentityProvider({
    clients: [
      {
        client_id: 'orders',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=orders',
      },
    ],
    tls: {
      key: server.private,
      cert: server.cert,
      ca: [orders.cert],
      requestCert: true,
      rejectUnauthorized: false,
    },
  });
});
afterAll(() => idp.close());

const provider = (client: typeof server, ca: string | undefined = server.cert) =>
  new ClientCredentialsProvider({
    issuer: idp.issuer,
    clientId: 'orders',
    authentication: { method: 'tls_client_auth', cert: client.cert, key: client.private },
    ca,
  });

it('gives a token to a client that proves itself by its certificate', async () => {
  expect(await provider(orders).getUserInfo(userInfoRequest())).toHaveProperty('token');
});

it('refuses a certificate of somebody else', async () => {
  await expect(provider(stranger).getUserInfo(userInfoRequest())).rejects.toMatchObject({
    status: 401,
    retryable: false,
  });
});

it('does not speak to a server whose certificate it does not know', async () => {
  await expect(provider(orders, stranger.cert).getUserInfo(userInfoRequest())).rejects.toThrow(
    /self-signed certificate/,
  );
});

it('is cancelled by an abort', async () => {
  const controller = new AbortController();
  const reason = new Error('closed');
  idp.disturb('/token', 1, () => {
    controller.abort(reason);
    return true;
  });
  const { signal } = controller;
  await expect(provider(orders).getUserInfo(userInfoRequest(signal))).rejects.toBe(reason);
});
