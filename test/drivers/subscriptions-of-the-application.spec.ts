import { describe, expect, it, onTestFinished } from 'vitest';

import {
  type NatsAuthEvents,
  rejectionSettings,
  createRotatingConnection,
  rotationSettings,
  type Session,
} from '../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';
import type { NatsConnection } from '../../src/module/nats-connection.js';
import { ClientSession } from '../../src/transport/client/client-session.js';
import { createInbox } from '../../src/transport/client/inbox/index.js';
import { ServerSession } from '../../src/transport/server/server-session.js';
import { DRIVERS, type PlainConnection, type TestedDriver } from './drivers.js';
import { serverForTest } from './servers.js';

const PENDING = { timeout: 60_000 };

/** What each role has on its connection, with work under way that needs subscriptions of its own. */
const ROLES: Record<string, (nc: NatsConnection) => Session> = {
  server: (nc) =>
    new ServerSession(nc, {
      bind: (to) => {
        to.subscribe('handled', { callback: () => undefined });
        to.subscribe('grouped', { queue: 'group', callback: () => undefined });
      },
      instance: 'instance-test',
      answers: {},
      failed: () => {},
      teardownFailed: () => {},
    }),
  'client with one inbox': (nc) => clientOf(nc, 'shared'),
  'client with an inbox for each request': (nc) => clientOf(nc, 'perRequest'),
};

describe.each(DRIVERS)('$label', (tested) => {
  it.each(Object.entries(ROLES))(
    "a handover of a %s tells which subscriptions of the application's end, and no other",
    async (role, createSession) => {
      const { connection, left, rotate } = await open(tested, role, createSession);
      await rotate();
      expect(left).toEqual([]);
      const nc = connection();
      nc.subscribe('app.news', { callback: () => {} });
      nc.subscribe('app.work', { queue: 'workers', callback: () => {} });
      // Requests are none: they end by themselves.
      for (const options of [PENDING, { ...PENDING, noMux: true }])
        nc.request('silence', '', options).catch(() => {});
      await nc.flush();
      await rotate();
      expect(left).toEqual([['app.news', 'app.work']]);
      // They are told once: the new connection has none.
      await rotate();
      expect(left).toHaveLength(1);
    },
  );
});

function clientOf(nc: NatsConnection, kind: 'shared' | 'perRequest'): Session {
  const session = new ClientSession(nc, createInbox(kind, nc), { replyAfterLoss: false });
  const start = session.start.bind(session);
  session.start = () => {
    start();
    const forget = session.request('silence', Buffer.from(''), undefined, () => Promise.resolve());
    // Long enough for the handover to find it under way.
    setTimeout(forget, 300);
  };
  return session;
}

async function open(
  { driver, plainConnect }: TestedDriver,
  role: string,
  createSession: (nc: NatsConnection) => Session,
) {
  const server = await serverForTest();
  const silence = await plainConnect({ servers: server.url });
  onTestFinished(() => silence.close());
  silence.subscribe('silence', { callback: () => {} });
  await silence.flush();
  const events = new Emitter<NatsAuthEvents>();
  const left: (readonly string[])[] = [];
  events.on('subscriptionsLeft', ({ subjects }) => left.push(subjects));
  const rejection = rejectionSettings();
  const provider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
  const parts = { events, rejection, provider, refresh: refreshSettings() };
  const source = new CredentialSource({ connection: 'left', ...parts });
  let current: NatsConnection | undefined;
  const rotating = createRotatingConnection<NatsConnection, Session>({
    name: 'left',
    role: role === 'server' ? 'server' : 'client',
    driver,
    source,
    events,
    options: { servers: server.url },
    rejection,
    rotation: rotationSettings(),
    createSession,
    onCurrent: (nc) => (current = nc),
  });
  onTestFinished(async () => {
    await rotating.close();
    source.close();
  });
  await rotating.open();
  return {
    left,
    connection: () => current as unknown as PlainConnection,
    rotate: async () => rotating.rotate('manual', await source.refresh()),
  };
}
