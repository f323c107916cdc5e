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
import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS } from './drivers.js';
import { serverForTest } from './servers.js';

type Connection = Parameters<typeof createRotatingConnection>[0] extends {
  createSession: (nc: infer NC) => unknown;
}
  ? NC
  : never;

describe.each(DRIVERS)('$label', ({ driver }) => {
  it('closes in the middle of a handover that waits for the server', async () => {
    const proxy = await startFaultProxy(await serverForTest());
    onTestFinished(() => proxy.stop());
    const events = new Emitter<NatsAuthEvents>();
    const rejection = rejectionSettings();
    const provider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
    const parts = { events, rejection, provider, refresh: refreshSettings() };
    const source = new CredentialSource({ connection: 'closing', ...parts });
    let sessions = 0;
    let stalled = () => {};
    const waiting = new Promise<void>((resolve) => (stalled = resolve));
    const session: Session = {
      // What the second connection subscribes the server does not answer for.
      needsInterest: false,
      start: () => {
        if (++sessions < 2) return;
        proxy.breakOpen('stall');
        stalled();
      },
      drain: () => Promise.resolve(),
      idle: () => Promise.resolve(),
      rest: () => Promise.resolve(),
      pending: 0,
    };
    const connection = createRotatingConnection<Connection, Session>({
      name: 'closing',
      role: 'client',
      driver,
      source,
      events,
      options: { servers: proxy.url },
      rejection,
      rotation: rotationSettings(),
      createSession: () => session,
    });
    await connection.open();
    const rotation = connection.rotate('manual', await source.refresh()).catch((error: unknown) => error);
    await waiting;
    await connection.close();
    source.close();
    expect(await rotation).toMatchObject({ code: 'ROTATION_FAILED' });
  });
});
