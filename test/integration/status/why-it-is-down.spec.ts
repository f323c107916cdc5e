import { Logger } from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthService,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { createTlsFiles } from '../../support/tls.js';
import { startService } from '../nest/app.js';

type Outage = () => Promise<{
  readonly connection: object;
  readonly cause: () => Promise<void>;
  readonly mend: () => Promise<void>;
}>;

/** What keeps both roles down, and what is told of it. */
const outages: [string, Outage, RegExp, RegExp][] = [
  [
    'a server that takes no more connections',
    full,
    /refused CONNECT: 'maximum connections exceeded'/,
    /refused CONNECT: 'maximum connections exceeded'/,
  ],
  [
    'a server that is not there',
    gone,
    /cannot be reached: .*Nobody listens/,
    /: ECONNREFUSED \(attempt \d, /,
  ],
  [
    'a certificate that is not trusted',
    untrusted,
    /cannot be reached: .*check the server's certificate/,
    /: CERT_SIGNATURE_FAILURE \(attempt /,
  ],
  [
    'a network that breaks connections before INFO',
    broken,
    /cannot be reached: .*before the server said anything/,
    /: (the connection was closed|ECONNRESET) \(attempt /,
  ],
];

describe.each(outages)('%s', (_, outage, told, logged) => {
  it('is told for each role, once in the log, and forgotten when they are up again', async () => {
    const lines = capturedLines();
    const { connection, cause, mend } = await outage();
    let calls = 0;
    const options: NatsAuthModuleOptions = {
      connection: { reconnectTimeWait: 20, reconnectJitter: 0, reconnectJitterTLS: 0, ...connection },
      userInfoProvider: { getUserInfo: () => ({ user: `svc-${++calls}`, pass: 'pa55-word' }) },
    };
    const app = await startService(options, {});
    const nats = app.get(NatsAuthService);
    await app.get(NatsAuthClient).connect();
    const failed = { server: 0, client: 0, connection: 0 };
    nats.on('connectFailed', ({ role }) => failed[role]++);
    lines.length = 0;
    await cause();
    calls = 0;
    await eventually(() => failed.server >= 20 && failed.client >= 20, { what: 'twenty dials of each role' });
    for (const role of ['server', 'client'] as const) {
      expect(nats.status.connections[role]?.lastError?.message).toMatch(told);
      const ofRole = lines.filter((line) => line.startsWith(`warn default/${role}: `));
      const why = ofRole.filter((line) => logged.test(line));
      expect(why, lines.join('\n')).toHaveLength(1);
    }
    expect(nats.status.lastError?.message).toMatch(told);
    const health = app.get(NatsAuthHealthIndicator).check('nats', { graceTime: 0 });
    expect(health['nats']).toMatchObject({
      status: 'down',
      lastError: expect.stringMatching(told) as string,
    });
    expect(lines.filter((line) => line.startsWith('error')).length).toBeLessThanOrEqual(2);
    // Each role has dialled twenty times.
    expect(calls).toBeLessThan(15);

    await mend();
    const up = () => Object.values(nats.status.connections).every(({ state }) => state === 'connected');
    await eventually(up, { what: 'both roles to be back', timeoutMs: 10_000 });
    expect(nats.status.lastError).toBeUndefined();
    expect(Object.values(nats.status.connections).map(({ lastError }) => lastError)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

it('what keeps one role down is not forgotten when the other is up', async () => {
  capturedLines();
  const users = ['server', 'client'].map((role) => `{ user: ${role}, password: secret }`);
  const server = await serverForTest({ config: `authorization { users: [ ${users.join(', ')} ] }\n` });
  const app = await startService(
    {
      connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
      refresh: { perRole: true },
      userInfoProvider: { getUserInfo: ({ role }) => ({ user: role, pass: 'secret' }) },
    },
    {},
  );
  await app.get(NatsAuthClient).connect();
  const { status: before } = app.get(NatsAuthService);
  expect(before.lastError).toBeUndefined();
  const nats = app.get(NatsAuthService);
  await server.reload(`authorization { users: [ { user: server, password: secret } ] }\n`);
  await eventually(() => nats.status.connections.client?.lastError, { what: 'the client to be refused' });
  let reconnects = 0;
  nats.on('connected', ({ role }) => (reconnects += role === 'server' ? 1 : 0));
  await server.kill();
  await server.restart();
  await eventually(() => reconnects === 1, { what: 'the server role to be back' });
  await eventually(() => /rejected/.test(nats.status.lastError?.message ?? ''), { what: 'the rejection' });
  expect(nats.status.connections.server).toMatchObject({ state: 'connected' });
  expect(nats.status.connections.server?.lastError).toBeUndefined();
  await app.get(NatsAuthClient).close();
  expect(nats.status.lastError).toBeUndefined();
});

async function gone() {
  const server = await serverForTest();
  return { connection: { servers: server.url }, cause: () => server.kill(), mend: () => server.restart() };
}

/** As many others as may be connected come before the roles do. */
async function full() {
  const server = await serverForTest();
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  const others: Awaited<ReturnType<typeof connect>>[] = [];
  const cause = async () => {
    await proxy.unlisten();
    await restartWith(server, 'max_connections: 1\n');
    others.push(await connect({ servers: server.url }));
    await proxy.listen();
  };
  const mend = async () => {
    await Promise.all(others.map((other) => other.close()));
    await server.reload('max_connections: 10\n');
  };
  return { connection: { servers: proxy.url }, cause, mend };
}

async function untrusted() {
  const files = await createTlsFiles();
  onTestFinished(() => files.remove());
  const server = await serverForTest({ config: files.config() });
  const { ca } = files;
  const other = await createTlsFiles();
  onTestFinished(() => other.remove());
  return {
    connection: { servers: server.url, tls: { ca } },
    cause: () => restartWith(server, other.config()),
    mend: () => restartWith(server, files.config()),
  };
}

async function broken() {
  const server = await serverForTest();
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  return {
    connection: { servers: proxy.url },
    cause: () => {
      proxy.treat({ breaks: { at: 'accept', how: 'end' } });
      proxy.breakOpen('reset');
      return Promise.resolve();
    },
    mend: () => Promise.resolve(proxy.heal()),
  };
}

async function restartWith(server: NatsServer, config: string): Promise<void> {
  await server.kill();
  await server.start(config);
}

function capturedLines(): string[] {
  const lines: string[] = [];
  for (const level of ['warn', 'error', 'log'] as const) {
    const spy = vi
      .spyOn(Logger.prototype, level)
      .mockImplementation((line: unknown) => void lines.push(`${level} ${String(line)}`));
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}
