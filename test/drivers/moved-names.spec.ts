import { describe, expect, it, onTestFinished } from 'vitest';

import {
  type ConnectionOptions,
  type NatsAuthEvents,
  rejectionSettings,
  createRotatingConnection,
  rotationSettings,
  type Session,
} from '../../libs/connection/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';
import { eventually } from '../../libs/testing/index.js';
import { startBlackHole } from '../support/black-hole.js';
import { resolveName } from '../support/host-names.js';
import { type Pod, startPod } from '../support/pod.js';
import { DRIVERS, type PlainConnection, type TestedDriver } from './drivers.js';
import { roundTrip } from './peer.js';
import { serverForTest } from './servers.js';

/** Longer than any test: who waits for an address that says nothing waits for ever. */
const FOREVER_MS = 600_000;

const session: Session = {
  needsInterest: false,
  start: () => {},
  drain: () => Promise.resolve(),
  idle: () => Promise.resolve(),
  rest: () => Promise.resolve(),
  pending: 0,
};

/** A role of a service that knows its server by name. */
function roleOf({ driver }: TestedDriver, port: number, options: ConnectionOptions, dialTimeout: number) {
  const events = new Emitter<NatsAuthEvents>();
  const rejection = rejectionSettings();
  const provider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
  const refresh = refreshSettings();
  const source = new CredentialSource({ connection: 'svc', provider, refresh, rejection, events });
  const connection = createRotatingConnection<PlainConnection, Session>({
    name: 'svc',
    role: 'client',
    driver,
    source,
    events,
    options: {
      servers: `nats.test:${port}`,
      noRandomize: true,
      reconnectTimeWait: 20,
      reconnectJitter: 0,
      timeout: FOREVER_MS,
      ...options,
    },
    rejection,
    rotation: rotationSettings({ dialTimeout }),
    createSession: () => session,
  });
  const told: string[] = [];
  events.on('connected', ({ kind, server }) => void told.push(`${kind} ${server.replace(`:${port}`, '')}`));
  onTestFinished(async () => {
    await connection.close();
    source.close();
  });
  return {
    connection,
    told,
    rotate: async () => connection.rotate('manual', await source.refresh()),
    until: (times: number) =>
      eventually(() => told.length >= times, {
        what: `${times} connections (${told.join(', ')})`,
        timeoutMs: 20_000,
      }),
  };
}

describe.each(DRIVERS)('$label', (tested) => {
  /** A server with addresses of its own, and the name that leads to those in `names`. */
  async function pods(count: number, more: Parameters<typeof startPod>[2] = {}) {
    const server = await serverForTest();
    const all = await Promise.all(
      Array.from({ length: count }, (_, index) => startPod(`127.0.0.${index + 2}`, server, more)),
    );
    onTestFinished(async () => {
      await Promise.all(all.map((pod) => pod.stop()));
    });
    const names = {
      now: [] as readonly string[],
      lead(...to: readonly (Pod | undefined)[]) {
        this.now = to.flatMap((pod) => pod?.host ?? []);
      },
    };
    resolveName('nats.test', () => names.now);
    return { port: server.port, all, names };
  }

  it('hands over to where the name of the server leads now, not to the address in use', async () => {
    const { port, all, names } = await pods(2);
    const [old, next] = all;
    names.lead(old);
    const role = roleOf(tested, port, {}, FOREVER_MS);
    await role.connection.open();
    names.lead(next);
    old?.fallSilent();
    await role.rotate();
    expect(role.told).toEqual(['initial 127.0.0.2', 'handover 127.0.0.3']);
    expect(old?.accepted).toBe(1);
  });

  it('hands over to the address in use while the name leads there as well', async () => {
    const { port, all, names } = await pods(3);
    names.lead(all[1]);
    const role = roleOf(tested, port, {}, FOREVER_MS);
    await role.connection.open();
    names.lead(...all);
    await role.rotate();
    expect(role.told).toEqual(['initial 127.0.0.3', 'handover 127.0.0.3']);
  });

  it('hands over to the address in use when the name service does not answer', async () => {
    const { port, all, names } = await pods(1);
    names.lead(all[0]);
    const role = roleOf(tested, port, {}, FOREVER_MS);
    await role.connection.open();
    names.lead();
    await role.rotate();
    expect(role.told).toEqual(['initial 127.0.0.2', 'handover 127.0.0.2']);
  });

  it('finds a lost server where its name leads now, though its old address swallows packets', async () => {
    const { port, all, names } = await pods(2);
    const [old, next] = all;
    names.lead(old);
    const role = roleOf(tested, port, {}, 50);
    await role.connection.open();
    await old?.stop();
    const hole = await startBlackHole('127.0.0.2', port);
    onTestFinished(() => hole.stop());
    await eventually(() => role.connection.state === 'disconnected', { what: 'the loss' });
    names.lead(next);
    await role.until(2);
    expect(role.told).toEqual(['initial 127.0.0.2', 'reconnect 127.0.0.3']);
    await roundTrip(await role.connection.open());
  });

  it('dials no address of a name that the name service has taken back meanwhile', async () => {
    const { port, all, names } = await pods(4);
    const [first, , , next] = all;
    names.lead(first);
    const role = roleOf(tested, port, {}, 100);
    await role.connection.open();
    const [lost, ...gone] = all.slice(0, 3);
    for (const pod of all.slice(0, 3)) pod.fallSilent();
    names.lead(lost, ...gone);
    const dialled = lost?.accepted ?? 0;
    lost?.drop();
    await eventually(() => (lost?.accepted ?? 0) > dialled, {
      what: 'the first address to be dialled',
      everyMs: 1,
    });
    names.lead(next);
    await role.until(2);
    expect(role.told[1]).toBe('reconnect 127.0.0.5');
    expect(gone.map((pod) => pod.accepted)).toEqual([0, 0]);
  });

  it('connects for the first time to an address of a name whose others say nothing', async () => {
    const { port, all, names } = await pods(3);
    all[0]?.fallSilent();
    all[1]?.fallSilent();
    names.lead(...all);
    const role = roleOf(tested, port, {}, 50);
    await role.connection.open();
    expect(role.told).toEqual(['initial 127.0.0.4']);
  });

  it('gives a lost server more time from dial to dial, for the network may be slow', async () => {
    const { port, all, names } = await pods(1, { delayMs: 200 });
    names.lead(all[0]);
    const role = roleOf(tested, port, {}, 30);
    await role.connection.open();
    all[0]?.drop();
    await role.until(2);
    // After 30, 60, 120 and perhaps 240 ms.
    expect(all[0]?.accepted).toBeGreaterThan(3);
  });
});
