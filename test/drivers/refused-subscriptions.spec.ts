import { describe, expect, it, onTestFinished } from 'vitest';

import { Emitter } from '../../libs/base/index.js';
import {
  createRotatingConnection,
  type NatsAuthEvents,
  rejectionSettings,
  rotationSettings,
} from '../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { eventually } from '../../libs/testing/index.js';
import type { NatsConnection, NatsMessage } from '../../src/module/nats-connection.js';
import { ServerSession } from '../../src/transport/server/server-session.js';
import { DRIVERS, type TestedDriver } from './drivers.js';
import { serverForTest } from './servers.js';

const permissions = (denied: string[]) =>
  `authorization { users: [ { user: svc, password: a, permissions: { subscribe: { deny: ${JSON.stringify(denied)} } } },` +
  ` { user: caller, password: a } ] }\n`;

/** A service that answers to two subjects. */
async function serve({ driver, plainConnect }: TestedDriver, url: string) {
  const events = new Emitter<NatsAuthEvents>();
  const told: string[] = [];
  events.on('subscriptionRefused', ({ problem }) => told.push(`refused: ${problem}`));
  events.on('subscriptionRestored', ({ problem }) => told.push(`restored: ${problem}`));
  let connects = 0;
  events.on('connected', () => connects++);
  const provider = { getUserInfo: () => ({ user: 'svc', pass: 'a' }) };
  const refresh = refreshSettings();
  const rejection = rejectionSettings();
  const source = new CredentialSource({ connection: 'svc', provider, refresh, rejection, events });
  const callback = (error: unknown, message: NatsMessage) => error ?? message.respond('answered');
  const connection = createRotatingConnection<NatsConnection & { flush(): Promise<void> }, ServerSession>({
    name: 'svc',
    role: 'server',
    driver,
    source,
    events,
    options: { servers: url, reconnectTimeWait: 20, reconnectJitter: 0 },
    rejection,
    rotation: rotationSettings(),
    refused: { isTolerated: () => false, retry: { initialDelay: 20, maxDelay: 50, factor: 2 } },
    createSession: (nc) =>
      new ServerSession(nc, {
        bind: (to) => {
          to.subscribe('alone', { callback });
          to.subscribe('grouped', { queue: 'workers', callback });
        },
        instance: 'instance',
        answers: { prefix: undefined },
        failed: () => {},
        teardownFailed: () => {},
      }),
  });
  await connection.open();
  const caller = await plainConnect({ servers: url, user: 'caller', pass: 'a', reconnectTimeWait: 20 });
  onTestFinished(async () => {
    await caller.close();
    await connection.close();
    source.close();
  });
  const answered = (subject: string) =>
    caller.request(subject, '', { timeout: 1_000 }).then(
      (message) => message.string(),
      () => 'no answer',
    );
  const refused = (count: number) =>
    eventually(() => connection.refusedSubscriptions.length === count, { what: `${count} refused` });
  return { told, answered, refused, connects: () => connects };
}

describe.each(DRIVERS)('$label', (tested) => {
  it('hears again what was denied at the start, as soon as it is allowed', async () => {
    const server = await serverForTest({ config: permissions(['alone', 'grouped']) });
    const { told, answered, refused } = await serve(tested, server.url);
    await refused(2);
    await server.reload(permissions([]));
    await refused(0);
    expect(await answered('alone')).toBe('answered');
    expect(await answered('grouped')).toBe('answered');
    expect(told).toHaveLength(4);
  });

  it('hears again what was denied by a reload, after a restart that allows it', async () => {
    const server = await serverForTest({ config: permissions([]) });
    const { answered, refused, connects, told } = await serve(tested, server.url);
    await server.reload(permissions(['alone', 'grouped']));
    await refused(2);
    await server.reload(permissions([]));
    await server.kill();
    await server.restart();
    await eventually(() => connects() === 2, { what: 'the reconnect' });
    await refused(0);
    await eventually(async () => (await answered('alone')) === 'answered', { what: 'an answer' });
    expect(await answered('grouped')).toBe('answered');
    expect(told).toHaveLength(4);
  });
});
