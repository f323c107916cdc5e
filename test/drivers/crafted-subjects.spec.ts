import { describe, expect, it, onTestFinished } from 'vitest';

import { ClientSession } from '../../src/transport/client/client-session.js';
import { createInbox } from '../../src/transport/client/inbox/index.js';
import type { NatsConnection } from '../../src/module/nats-connection.js';
import { DRIVERS, type PlainConnection } from './drivers.js';
import { Peer } from './peer.js';
import { serverForTest } from './servers.js';

const CALLS = 50;
const NOTHING = Buffer.from('{}');

describe.each(DRIVERS)('$label', (tested) => {
  it('a crafted or too long subject fails its own call, and reaches nobody', async () => {
    const server = await serverForTest({ config: 'max_payload: 100000\n' });
    const service = await tested.plainConnect({ servers: server.url });
    onTestFinished(() => service.close());
    const asked = answerLater(service, 'slow');
    const deleted: string[] = [];
    service.subscribe('admin.delete', { callback: (_, { subject }) => void deleted.push(subject) });
    await service.flush();

    const provide = () => ({ user: 'svc', pass: 'secret' });
    const peer = new Peer(tested, { provide, options: { servers: server.url } });
    const nc = (await peer.open()) as unknown as NatsConnection;
    const session = new ClientSession(nc, createInbox('shared', nc), { replyAfterLoss: false });
    session.start();

    const underWay = Array.from({ length: CALLS }, () => requested(session, 'slow'));
    await asked;
    const crafted = [
      'a 2\r\n{}\r\nPUB admin.delete 2\r\n{}\r\nPUB b',
      'a\nPUB admin.delete 2',
      'with space',
      'x'.repeat(5_000),
    ];
    for (const subject of crafted) {
      expect(() => session.request(subject, NOTHING, undefined, () => Promise.resolve())).toThrow(
        expect.objectContaining({ code: 'SUBJECT_INVALID' }),
      );
      await expect(session.emit(subject, NOTHING, undefined)).rejects.toMatchObject({
        code: 'SUBJECT_INVALID',
      });
    }
    const large = Buffer.alloc(100_001);
    expect(() => session.request('slow', large, undefined, () => Promise.resolve())).toThrow();
    await expect(session.emit('slow', large, undefined)).rejects.toThrow();

    service.publish('go');
    expect(await Promise.all(underWay)).toEqual(Array.from({ length: CALLS }, () => 'answered'));
    expect(session.pending).toBe(0);
    expect(deleted).toEqual([]);
    expect(peer.all('disconnected')).toEqual([]);
  });
});

/** Answers the requests when something is published to `go`; resolves when all of them are there. */
function answerLater(service: PlainConnection, subject: string): Promise<void> {
  return new Promise((resolve) => {
    const waiting: (() => unknown)[] = [];
    service.subscribe(subject, {
      callback: (_, message) => {
        waiting.push(() => message.respond('answered'));
        if (waiting.length === CALLS) resolve();
      },
    });
    service.subscribe('go', { callback: () => waiting.forEach((answer) => answer()) });
  });
}

function requested(session: ClientSession, subject: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const forget = session.request(subject, NOTHING, undefined, (error, message) => {
      forget();
      if (error) reject(error);
      else resolve((message as { string(): string }).string());
      return Promise.resolve();
    });
  });
}
