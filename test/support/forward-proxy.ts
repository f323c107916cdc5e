import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

import { freePort } from 'nestjs-nats-auth/testing';
import { onTestFinished } from 'vitest';

/** A proxy for HTTP and, by CONNECT, for anything else. It goes with the test. */
export interface ForwardProxy {
  readonly url: string;
  /** `host:port` of each request and each tunnel so far. */
  readonly targets: readonly string[];
}

export async function forwardProxy(): Promise<ForwardProxy> {
  const targets: string[] = [];
  const server = createServer((incoming, response) => {
    const { url = '', method, headers } = incoming;
    targets.push(new URL(url).host);
    const outgoing = request(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on('connect', (incoming, client) => {
    const { host, hostname, port } = new URL(`tcp://${incoming.url}`);
    targets.push(host);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target])
      socket.on('error', () => [client, target].forEach((one) => one.destroy()));
  });
  const port = await freePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, targets };
}
