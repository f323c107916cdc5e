import { expect, it } from 'vitest';

import type { NatsConnection } from '../../module/nats-connection.js';
import { ClientSession } from './client-session.js';
import { createInbox } from './inbox/index.js';

it('publishes nothing on a connection that is lost: it would be sent when it is there again, after its caller was told', async () => {
  const published: string[] = [];
  const nc = {
    publish: (subject: string) => void published.push(subject),
    subscribe: () => ({ unsubscribe: () => {} }),
    flush: () => Promise.resolve(),
  } as unknown as NatsConnection;
  const session = new ClientSession(nc, createInbox('shared', nc, '_INBOX'), { replyAfterLoss: 1_000 });
  session.start();
  session.disconnected();
  const lost = expect.objectContaining({ code: 'DISCONNECTED' }) as Error;
  await expect(session.emit('told', new Uint8Array(), undefined)).rejects.toEqual(lost);
  expect(() => session.request('asked', new Uint8Array(), undefined, () => Promise.resolve())).toThrow(
    /lost/,
  );
  expect(session.pending).toBe(0);
  await session.connected();
  await session.emit('told', new Uint8Array(), undefined);
  expect(published).toEqual(['told']);
  session.close(new Error('over'));
});
