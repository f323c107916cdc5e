import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import {
  type NatsAuthEvents,
  rejectionSettings,
  createRotatingConnection,
  rotationSettings,
  type Session,
} from '../../libs/connection/index.js';
import { type Clock, Emitter, systemClock } from '../../libs/base/index.js';
import { CredentialSource, refreshSettings } from '../../libs/credentials/index.js';
import { eventually, type NatsCluster, startNatsCluster } from '../../libs/testing/index.js';
import { startTcpBalancer } from '../support/tcp-balancer.js';
import { DRIVERS, type PlainConnection, type TestedDriver } from './drivers.js';
import { RELEASE } from './servers.js';

/** What a user of a service may do, and what a handover to another server is to tell of it. */
const CASES = {
  answers: {
    permissions:
      '{ subscribe: ["echo.*", "_INBOX.>"], publish: { deny: ">" }, allow_responses: { max: 1, ttl: "1m" } }',
    hint: `let the credentials publish '_INBOX.>'`,
  },
  handlers: {
    permissions: '{ subscribe: "echo.*", publish: "_INBOX.>" }',
    hint: `let the credentials subscribe '_INBOX.>'`,
  },
  noInbox: {
    permissions: '{ subscribe: "echo.*", publish: "_INBOX.>" }',
    inboxPrefix: '_INBOX.orders',
    hint: `let the credentials subscribe '_INBOX.orders.>'`,
  },
  ownInbox: {
    permissions: '{ subscribe: ["echo.*", "_INBOX.orders.>"], publish: "_INBOX.>" }',
    inboxPrefix: '_INBOX.orders',
    hint: undefined,
  },
} as const;

type Case = (typeof CASES)[keyof typeof CASES] & { readonly inboxPrefix?: string };

let cluster: NatsCluster;
beforeAll(async () => {
  const users = Object.entries(CASES).map(
    ([user, { permissions }]) => `{ user: "${user}", password: secret, permissions: ${permissions} }`,
  );
  const config = `authorization { users: [ { user: caller, password: secret }, ${users.join(', ')} ] }\n`;
  cluster = await startNatsCluster(2, { release: RELEASE, config });
});
afterAll(() => cluster.stop());

describe.each(DRIVERS)('$label', (tested) => {
  it('a handover to another server is quiet and loses nothing, whatever the credentials allow beside the handlers', async () => {
    const caller = await tested.plainConnect({ servers: cluster.urls[0], user: 'caller', pass: 'secret' });
    onTestFinished(() => caller.close());
    await Promise.all(Object.entries(CASES).map(([user, one]) => handOver(tested, caller, user, one)));
  });
});

async function handOver(
  tested: TestedDriver,
  caller: PlainConnection,
  user: string,
  one: Case,
): Promise<void> {
  const balancer = await startTcpBalancer(cluster.servers);
  onTestFinished(() => balancer.stop());
  const service = await startService(tested, { user, url: balancer.url, inboxPrefix: one.inboxPrefix });
  const call = () => caller.request(`echo.${user}`, user, { timeout: 2_000 });
  await eventually(call, { what: 'the cluster to know the service' });
  const load = onAndOn(call);
  const { rotated, from, to } = await service.rotate();
  expect(await load.end()).toEqual([]);
  expect(from).not.toBe(to);
  expect(rotated).toMatchObject({ outcome: 'success', mode: 'handover' });
  // What nats.js tells NestJS, which makes an error line of each.
  expect(service.errors).toEqual([]);
  if (one.hint === undefined) return expect(rotated?.hint).toBeUndefined();
  expect(rotated?.hint).toContain(one.hint);
  // A refused subscription proves nothing: it waited for as long as interest may take, and did not go on probing.
  expect(rotated?.durationMs).toBeGreaterThan(2_000);
  expect(service.probePauses()).toBe(0);
}

interface Place {
  readonly user: string;
  readonly url: string;
  readonly inboxPrefix?: string;
}

async function startService({ driver }: TestedDriver, { user, url, inboxPrefix }: Place) {
  const events = new Emitter<NatsAuthEvents>();
  const rotated: NatsAuthEvents['rotated'][] = [];
  events.on('rotated', (event) => rotated.push(event));
  const delays: number[] = [];
  const clock: Clock = {
    now: () => systemClock.now(),
    elapsed: () => systemClock.elapsed(),
    after: (ms, callback) => {
      delays.push(ms);
      return systemClock.after(ms, callback);
    },
  };
  const rejection = rejectionSettings();
  const provider = { getUserInfo: () => ({ user, pass: 'secret' }) };
  const source = new CredentialSource({
    connection: 'probe',
    events,
    rejection,
    provider,
    refresh: refreshSettings(),
  });
  const errors: unknown[] = [];
  const connection = createRotatingConnection<Connection, Session>({
    name: 'probe',
    role: 'server',
    driver,
    source,
    events,
    clock,
    options: { servers: url, inboxPrefix },
    rejection,
    rotation: rotationSettings(),
    createSession: (nc) => echo(nc, `echo.${user}`),
    onCurrent: (nc) => void follow(nc, errors),
  });
  onTestFinished(async () => {
    await connection.close();
    source.close();
  });
  await connection.open();
  const rotate = async () => {
    const from = connection.serverIdentity.serverId;
    await connection.rotate('manual', await source.refresh());
    return { from, to: connection.serverIdentity.serverId, rotated: rotated[0] };
  };
  return { rotate, errors, probePauses: () => delays.filter((ms) => ms === 5).length };
}

async function follow(nc: PlainConnection, errors: unknown[]): Promise<void> {
  for await (const status of nc.status()) if (/error/i.test(status.type)) errors.push(status);
}

/** What a rotating connection asks of one, and what the test does. */
type Connection = PlainConnection &
  (Parameters<typeof createRotatingConnection>[0] extends { createSession: (nc: infer NC) => unknown }
    ? NC
    : never);

function echo(nc: Connection, subject: string): Session {
  let subscription: { drain(): Promise<void> } | undefined;
  return {
    needsInterest: true,
    toldAs: (refused) => (refused === subject ? subject : undefined),
    start: () => {
      const callback = (_: unknown, message: { respond(data: string): boolean }) => void message.respond('');
      subscription = nc.subscribe(subject, { queue: 'q', callback });
    },
    connected: () => nc.flush(),
    drain: () => subscription?.drain() ?? Promise.resolve(),
    idle: () => Promise.resolve(),
    rest: () => Promise.resolve(),
    pending: 0,
  };
}

/** One call after the other, until one fails. */
function onAndOn(call: () => Promise<unknown>) {
  const failures: unknown[] = [];
  const state = { ending: false };
  const calls = (async () => {
    while (!state.ending && failures.length === 0)
      await call().catch((error: unknown) => failures.push(error));
  })();
  return {
    end: async () => {
      state.ending = true;
      await calls;
      return failures;
    },
  };
}
