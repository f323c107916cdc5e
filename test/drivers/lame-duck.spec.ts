import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually, freePort } from '../../libs/testing/index.js';
import { DRIVERS } from './drivers.js';
import { Peer } from './peer.js';

/** Accepts whoever connects, and says what a test has it say. */
async function talkingServer() {
  const sockets: Socket[] = [];
  const info = (more: object) =>
    `INFO ${JSON.stringify({ server_id: 'one', version: '2.10.27', headers: true, max_payload: 1_024, ...more })}\r\n`;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const _ of data.toString().matchAll(/^PING\r$/gm)) socket.write('PONG\r\n');
    });
    socket.write(info({}));
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    say: (more: object) => sockets.forEach((socket) => socket.write(info(more))),
  };
}

describe.each(DRIVERS)('$label', (tested) => {
  it('announces lame-duck mode once, however often a server says so', async () => {
    const server = await talkingServer();
    const peer = new Peer(tested, { provide: () => ({ user: 'svc' }), options: { servers: server.url } });
    const announced: string[] = [];
    peer.emitter.on('lameDuck', (event) => announced.push(event.server));
    const nc = await peer.open();
    server.say({ ldm: true });
    server.say({ ldm: true, connect_urls: ['127.0.0.1:1'] });
    await nc.flush();
    await eventually(() => announced.length > 0, { what: 'the announcement' });
    await nc.flush();
    expect(announced).toHaveLength(1);
  });
});
