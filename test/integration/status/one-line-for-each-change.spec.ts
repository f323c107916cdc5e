import { Controller, Logger } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, freePort, type NatsServer, startNatsCluster } from 'nestjs-nats-auth/testing';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

@Controller()
class Handlers {
  @MessagePattern('echo')
  echo(data: string): string {
    return data;
  }
}

const users = (pass: string, more = '') =>
  `authorization { users: [ { user: svc, password: ${pass}${more} } ] }\n`;
/** Contexts of NestJS's start. */
const BOOTSTRAP = /^(Nest|Instance|Routes|Router)/;

let lines: string[];
let pass: string;

beforeEach(() => {
  lines = [];
  pass = 'first';
  for (const level of ['log', 'warn', 'error'] as const) {
    const spy = vi.spyOn(Logger.prototype, level).mockImplementation(function (
      this: { context?: string },
      line: unknown,
    ) {
      const { context = '' } = this;
      if (BOOTSTRAP.test(context)) return;
      lines.push(`${context === 'NatsAuth' ? '' : `of NestJS: [${context}] `}${level} ${String(line)}`);
    });
    onTestFinished(() => spy.mockRestore());
  }
});

async function start(servers: string | string[], more: Partial<NatsAuthModuleOptions> = {}) {
  const app = await startService(
    {
      connection: { servers, reconnectTimeWait: 20, reconnectJitter: 0, noRandomize: true },
      rejection: { initialDelay: 5, maxDelay: 20 },
      metrics: false,
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
      ...more,
    },
    { controllers: [Handlers] },
  );
  await app.get(NatsAuthClient).connect();
  lines = [];
  return { app, nats: app.get(NatsAuthService) };
}

/** Counts the dials in vain of both roles; and waits until each role has made some. */
async function dialsInVain(
  nats: NatsAuthService,
  events: readonly ('connectFailed' | 'rejected')[],
  times: number,
) {
  const seen = { server: 0, client: 0, connection: 0 };
  for (const event of events) nats.on(event, ({ role }) => (seen[role] += 1));
  await eventually(() => seen.server >= times && seen.client >= times, {
    what: 'dials in vain',
    timeoutMs: 20_000,
  });
}

const bothAreUp = (nats: NatsAuthService) =>
  eventually(() => Object.values(nats.status.connections).every(({ state }) => state === 'connected'), {
    what: 'both roles to be connected',
    timeoutMs: 20_000,
  });

/** Exactly these lines of each role, in this order, and none of NestJS. */
function expectOfEachRole(...expected: readonly RegExp[]): void {
  expect(lines.filter((line) => line.startsWith('of NestJS'))).toEqual([]);
  for (const role of ['server', 'client']) {
    const ofRole = lines.filter((line) => line.includes(` default/${role}: `));
    expect(ofRole, lines.join('\n')).toEqual(expected.map((line) => expect.stringMatching(line) as string));
  }
}

it('a rejection at start', async () => {
  const server = await serverForTest({ config: users('other') });
  await expect(start(server.url)).rejects.toMatchObject({ code: 'REJECTED' });
  expect(lines).toEqual([
    expect.stringMatching(
      /^warn default\/server: 127.0.0.1:\d+ rejected the credentials of svc: 'Authorization Violation' \(attempt 1, /,
    ),
    expect.stringMatching(/^error default\/server: closed: The NATS server rejected/),
  ]);
});

it.each([
  ['a server that is not there', () => freePort().then((port) => `127.0.0.1:${port}`), 'ECONNREFUSED'],
  ['a name without an address', () => Promise.resolve('nats.invalid:4222'), 'E(NOTFOUND|AI_AGAIN)'],
])('%s at start', async (_, address, code) => {
  const servers = await address();
  await expect(start(servers)).rejects.toThrow();
  expect(lines).toEqual([
    expect.stringMatching(`^warn default/server: cannot reach ${servers}: ${code} \\(attempt 1, .*\\)\\. `),
    expect.stringMatching(`^error default/server: closed: .*${code}`),
  ]);
});

it('a password that was changed', async () => {
  const server = await serverForTest({ config: users('first') });
  const { nats } = await start(server.url);
  const inVain = dialsInVain(nats, ['rejected'], 10);
  await server.reload(users('second'));
  await inVain;
  pass = 'second';
  await bothAreUp(nats);
  expectOfEachRole(
    /^warn .*: disconnected after .*: 127.0.0.1:\d+ rejected the credentials of svc: 'Authorization Violation'$/,
    /^log .*: connected to .* \(reconnect after .* in vain\), user of svc$/,
  );
});

it('a server that is killed, and comes back', async () => {
  const server = await serverForTest({ config: users('first') });
  const { nats } = await start(server.url);
  const inVain = dialsInVain(nats, ['connectFailed'], 10);
  await server.kill();
  await inVain;
  await server.restart();
  await bothAreUp(nats);
  // The first dial may meet a server that is still dying; so may the connection that it ends.
  lines = lines.filter((line) => !/: cannot reach .*(ECONNRESET|connection was closed)/.test(line));
  expectOfEachRole(
    /^warn .*: disconnected from 127.0.0.1:\d+, server .* after /,
    /^warn .*: cannot reach 127.0.0.1:\d+: ECONNREFUSED \(attempt [12], /,
    /^log .*: connected to .* \(reconnect after .* in vain\), user of svc$/,
  );
});

it('a server that leaves a cluster', async () => {
  const cluster = await startNatsCluster(2, { config: users('first') });
  onTestFinished(() => cluster.stop());
  const { nats } = await start(cluster.urls);
  const rotated = { server: 0, client: 0, connection: 0 };
  nats.on('rotated', ({ role }) => (rotated[role] += 1));
  const [first] = cluster.servers as [NatsServer];
  first.lameDuck();
  await eventually(() => rotated.server > 0 && rotated.client > 0, {
    what: 'both handovers',
    timeoutMs: 20_000,
  });
  expectOfEachRole(
    /^log .* announced lame-duck mode$/,
    /^log .*: connected to .* \(handover\), user of svc$/,
    /^(log|warn) .*: rotation \(lame-duck, handover\) took /,
  );
});

it('a subscription that is refused', async () => {
  const server = await serverForTest({ config: users('first') });
  const { nats } = await start(server.url);
  const refused = new Promise<void>((resolve) => nats.on('subscriptionRefused', () => resolve()));
  await server.reload(users('first', ', permissions: { subscribe: { deny: echo } }'));
  await refused;
  expect(lines.filter((line) => line.startsWith('of NestJS'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('error'))).toEqual([
    expect.stringMatching(
      /^error default\/server: a subscription was refused, its handler hears nothing: .*echo/,
    ),
  ]);
});

it('a provider that is down', async () => {
  const server = await serverForTest({ config: users('first') });
  let fails = false;
  const { nats } = await start(server.url, {
    refresh: { retry: { initialDelay: 5, maxDelay: 20 } },
    userInfoProvider: {
      getUserInfo: () =>
        fails
          ? Promise.reject(
              new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 10.0.0.1:443') }),
            )
          : { user: 'svc', pass },
    },
  });
  fails = true;
  let failures = 0;
  nats.on('refreshFailed', () => (failures += 1));
  await server.kill();
  await server.restart();
  await bothAreUp(nats);
  await eventually(() => failures > 0, { what: 'the provider to fail' });
  expect(lines.filter((line) => line.startsWith('of NestJS'))).toEqual([]);
  expect(lines.filter((line) => / refresh /.test(line))).toEqual([
    expect.stringMatching(
      /^warn default: refresh \(reconnect\) failed after .*, attempt 1: fetch failed: connect ECONNREFUSED 10.0.0.1:443/,
    ),
  ]);
  for (const role of ['server', 'client'])
    expect(
      lines.filter((line) => line.includes(`${role}: presents stale user info`)).length,
    ).toBeLessThanOrEqual(1);
});

it('tells to the application all that NestJS tells it', async () => {
  const server = await serverForTest({ config: users('first') });
  const { app, nats } = await start(server.url);
  const told: string[] = [];
  const client = app.get(NatsAuthClient);
  client.status.subscribe((status) => told.push(status));
  for (const event of ['disconnect', 'reconnect'] as const)
    client.on(event as never, (() => told.push(`on ${event}`)) as never);
  const inVain = dialsInVain(nats, ['connectFailed'], 3);
  await server.kill();
  await inVain;
  await server.restart();
  await bothAreUp(nats);
  await eventually(() => told.includes('on reconnect'), { what: 'the reconnect' });
  expect(new Set(told)).toEqual(
    new Set(['connected', 'disconnected', 'on disconnect', 'reconnecting', 'on reconnect']),
  );
});
