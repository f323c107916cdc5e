import { beforeEach, describe, expect, it } from 'vitest';

import {
  ConnectRefusedError,
  type NatsAuthEvents,
  NoRoomError,
  RejectedError,
  ServerUnreachableError,
  SuspectedRejectionError,
} from '../../libs/connection/index.js';
import { Emitter, VirtualClock } from '../../libs/base/index.js';
import { logEvents } from './log-events.js';
import type { LogFields } from './log-line.js';

const MINUTE = 60_000;
const userInfo = { kind: 'jwt', resolvedAt: 0, expiresAt: Date.UTC(2030, 0, 1) } as const;
const client = { connection: 'orders', role: 'client' } as const;
const dial = { ...client, server: 'nats:4222', attempt: 1 } as const;
const refresh = { ...client, reason: 'rejected', attempt: 2, durationMs: 12.4 } as const;
const expiry = 'jwt valid until 2030-01-01T00:00:00.000Z';

const system = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const unreachable = (server: string, code = 'ECONNREFUSED') =>
  ServerUnreachableError.of(server, system(code));
const violation = () => new RejectedError('violation', 'Authorization Violation');

describe('the log', () => {
  let lines: string[];
  let fields: LogFields[];
  let events: Emitter<NatsAuthEvents>;
  let clock: VirtualClock;

  beforeEach(() => {
    lines = [];
    fields = [];
    clock = new VirtualClock();
    events = new Emitter();
    const log = (level: string, text: string, more: LogFields) => {
      lines.push(`${level} ${text}`);
      fields.push(more);
    };
    logEvents(events, log, clock);
  });

  const connected = (kind: NatsAuthEvents['connected']['kind'], more: { user?: string } = {}) =>
    events.emit('connected', { ...client, kind, server: 'nats:4222', serverName: 'n1', userInfo, ...more });

  /** Dials every `everyMs` until `forMs` have passed, and gives the moments of the lines in s. */
  async function moments(forMs: number, everyMs: number, happen: (attempt: number, downMs: number) => void) {
    const told: number[] = [];
    for (let attempt = 1, downMs = 0; downMs <= forMs; attempt++, downMs += everyMs) {
      const before = lines.length;
      happen(attempt, downMs);
      if (lines.length > before) told.push(downMs / 1_000);
      await clock.advance(everyMs);
    }
    return told;
  }

  it('has one line for each change of a connection, with how long it was as it was', async () => {
    connected('initial', { user: 'svc' });
    await clock.advance(90_000);
    events.emit('disconnected', { ...client, error: new Error('socket hung up') });
    await clock.advance(2_400);
    connected('reconnect');
    await clock.advance(7.5 * 60 * MINUTE);
    connected('handover');
    events.emit('closed', client);
    expect(lines).toEqual([
      `log orders/client: connected to nats:4222, server n1 (initial), ${expiry.replace('jwt', 'jwt of svc')}`,
      'warn orders/client: disconnected from nats:4222, server n1 after 1.5 min: socket hung up',
      `log orders/client: connected to nats:4222, server n1 (reconnect after 2.4 s), ${expiry}`,
      `log orders/client: connected to nats:4222, server n1 (handover), ${expiry}`,
      'log orders/client: closed',
    ]);
    expect(fields).toMatchObject([
      { event: 'connected', ...client, server: 'nats:4222', serverName: 'n1', kind: 'initial', user: 'svc' },
      { event: 'disconnected', ...client, server: 'nats:4222', upMs: 90_000, error: 'socket hung up' },
      { event: 'connected', ...client, kind: 'reconnect', downMs: 2_400, expiresAt: userInfo.expiresAt },
      { event: 'connected', ...client, kind: 'handover' },
      { event: 'closed', ...client },
    ]);
  });

  it('has one line for the end of a connection that is a rejection', async () => {
    connected('initial');
    lines = [];
    await clock.advance(20);
    const error = violation();
    events.emit('rejected', { ...dial, attempt: 0, user: 'svc', error });
    events.emit('disconnected', { ...client, error });
    events.emit('rejected', { ...dial, attempt: 1, user: 'svc', error });
    expect(lines).toEqual([
      `warn orders/client: disconnected after 20 ms: nats:4222 rejected the credentials of svc: 'Authorization Violation'`,
    ]);
    expect(fields.at(-1)).toMatchObject({
      event: 'rejected',
      ...client,
      server: 'nats:4222',
      reason: 'violation',
      code: 'REJECTED',
      user: 'svc',
      upMs: 20,
    });
  });

  it('says when a server that cannot be reached is dialled in vain, seldom, and less so as time goes on', async () => {
    connected('initial');
    events.emit('disconnected', client);
    lines = [];
    const told = await moments(20 * MINUTE, 1_000, (attempt, downMs) =>
      events.emit('connectFailed', { ...dial, attempt, downMs, error: unreachable('nats:4222') }),
    );
    expect(told).toEqual([0, 5, 15, 35, 75, 155, 315, 615, 915]);
    expect(lines.slice(0, 3)).toEqual([
      'warn orders/client: cannot reach nats:4222: ECONNREFUSED (attempt 1, 0 ms). Nobody listens at this address:' +
        ' is the server down, or the port another one?',
      'warn orders/client: cannot reach nats:4222: ECONNREFUSED (attempt 6, 5 s)',
      'warn orders/client: cannot reach nats:4222: ECONNREFUSED (attempt 16, 15 s)',
    ]);
    expect(fields.at(-1)).toMatchObject({
      event: 'connectFailed',
      ...client,
      server: 'nats:4222',
      reason: 'refused',
      code: 'SERVER_UNREACHABLE',
      attempt: 916,
      downMs: 915_000,
    });
    lines = [];
    connected('reconnect');
    expect(lines).toEqual([
      expect.stringContaining('connected to nats:4222, server n1 (reconnect after 20 min and 1201 in vain)'),
    ]);
  });

  it('begins anew in the next outage', async () => {
    const fail = () => events.emit('connectFailed', { ...dial, downMs: 0, error: unreachable('nats:4222') });
    await moments(10_000, 1_000, fail);
    connected('reconnect');
    events.emit('disconnected', client);
    lines = [];
    expect(await moments(10_000, 1_000, fail)).toEqual([0, 5]);
  });

  it.each([
    ['ENOTFOUND', 'ENOTFOUND', 'name'],
    ['CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED', 'tls'],
    ['TIMEOUT', 'connect TIMEOUT', 'timeout'],
  ])('says %s before there ever was a connection', (code, said, reason) => {
    events.emit('connectFailed', { ...dial, downMs: 0, error: unreachable('nats:4222', code) });
    expect(lines).toEqual([expect.stringContaining(`cannot reach nats:4222: ${said}`)]);
    expect(fields).toMatchObject([{ reason }]);
  });

  it.each([
    ['capacity', new NoRoomError('maximum connections exceeded', 0), /refused CONNECT: 'maximum connections/],
    ['closed', new SuspectedRejectionError(0), /without a word/],
    ['other', new ConnectRefusedError('throttled', 0), /'throttled'/],
  ])('tells what goes on as seldom: %s', async (reason, error, said) => {
    const told = await moments(40_000, 1_000, (attempt, downMs) =>
      events.emit('connectFailed', { ...dial, attempt, downMs, error }),
    );
    expect(told).toEqual([0, 5, 15, 35]);
    expect(lines[0]).toMatch(/^warn orders\/client: not connected to nats:4222: .* \(attempt 1, 0 ms\)$/);
    expect(lines[0]).toMatch(said);
    expect(lines[1]).toMatch(/^warn orders\/client: not connected to nats:4222: .* \(attempt 6, 5 s\)$/);
    expect(fields).toMatchObject([{ reason }, { reason }, { reason }, { reason }]);
  });

  it('tells rejections that go on as seldom, with server, user and attempt', async () => {
    const told = await moments(40_000, 1_000, (attempt) =>
      events.emit('rejected', { ...dial, attempt, user: 'svc', error: violation() }),
    );
    expect(told).toEqual([0, 5, 15, 35]);
    const rejected =
      "warn orders/client: nats:4222 rejected the credentials of svc: 'Authorization Violation'";
    expect(lines.slice(0, 2)).toEqual([`${rejected} (attempt 1, 0 ms)`, `${rejected} (attempt 6, 5 s)`]);
  });

  it('tells a new kind of reason at once, and later of all addresses that were tried', async () => {
    const fail = (server: string, error: NatsAuthEvents['connectFailed']['error']) =>
      events.emit('connectFailed', { ...dial, server, attempt: 7, downMs: 9_000, error });
    fail('a:4222', unreachable('a:4222'));
    fail('b:4222', unreachable('b:4222'));
    fail('c:4222', unreachable('c:4222', 'ETIMEDOUT'));
    fail('d:4222', new NoRoomError('maximum connections exceeded', 0));
    expect(lines).toHaveLength(3);
    await clock.advance(9_000);
    lines = [];
    for (const server of ['b:4222', 'c:4222', 'a:4222']) fail(server, unreachable(server));
    expect(lines).toEqual(['warn orders/client: cannot reach b:4222: ECONNREFUSED (attempt 7, 9 s)']);
    await clock.advance(10_000);
    lines = [];
    fail('c:4222', unreachable('c:4222', 'ETIMEDOUT'));
    expect(lines).toEqual([
      'warn orders/client: cannot reach c:4222: ETIMEDOUT; a:4222: ECONNREFUSED (attempt 7, 9 s)',
    ]);
  });

  it('fills no page with the addresses of a large cluster', async () => {
    const fail = (server: string) =>
      events.emit('connectFailed', { ...dial, server, downMs: 0, error: unreachable(server) });
    fail('n0:4222');
    for (let i = 1; i < 30; i++) fail(`n${i}:4222`);
    await clock.advance(5_000);
    lines = [];
    fail('n0:4222');
    expect(lines).toEqual([
      'warn orders/client: cannot reach n1:4222, n2:4222, n3:4222 and 27 more: ECONNREFUSED (attempt 1, 0 ms)',
    ]);
  });

  it('hints at the clocks once, when the server ends sessions far from their expiry', () => {
    const error = new RejectedError('expired', 'User Authentication Expired');
    for (const afterExpiryMs of [undefined, 900, -900, -60_000, 60_000])
      events.emit('rejected', {
        ...dial,
        attempt: 0,
        error,
        ...(afterExpiryMs !== undefined && { afterExpiryMs }),
      });
    const hints = lines.filter((line) => line.includes('clock'));
    expect(hints).toEqual([
      expect.stringMatching(
        /^warn orders\/client: the server ended the connection as expired 1 min before the expiry .*compare the clocks/,
      ),
    ]);
  });

  it('tells which subscriptions of the application end, in one line', () => {
    events.emit('subscriptionsLeft', { ...client, subjects: ['a', 'b', 'c', 'd', 'e'] });
    expect(lines).toEqual([
      `warn orders/client: the application's subscriptions to 'a', 'b', 'c' and 2 more end with the connection that was` +
        ' replaced: make them again on that of unwrap()',
    ]);
  });

  it('tells a success that permissions made slow as a warning', () => {
    const rotation = { ...client, mode: 'handover', trigger: 'lame-duck', outcome: 'success' } as const;
    events.emit('rotated', { ...rotation, durationMs: 2_500, hint: 'let the credentials publish' });
    expect(lines).toEqual([
      'warn orders/client: rotation (lame-duck, handover) took 2.5 s: let the credentials publish',
    ]);
  });

  it('tells that a handover became a reconnect, and why', () => {
    const fallback = new NoRoomError('maximum account active connections exceeded', 0);
    const rotation = { ...client, mode: 'reconnect', trigger: 'expiring', durationMs: 90 } as const;
    events.emit('rotated', { ...rotation, outcome: 'success', fallback });
    expect(lines).toEqual([
      `warn orders/client: rotation (expiring, reconnect instead of handover: The NATS server refused CONNECT: 'maximum account` +
        " active connections exceeded') took 90 ms",
    ]);
    expect(fields).toMatchObject([{ event: 'rotated', mode: 'reconnect', code: 'CONNECT_REFUSED' }]);
  });

  it('has refreshes for those who look closely, and their failures for all', async () => {
    events.emit('refreshed', { ...refresh, userInfo });
    events.emit('refreshScheduled', { ...client, at: clock.now() + 25 * MINUTE });
    events.emit('refreshScheduled', client);
    events.emit('refreshFailed', {
      ...refresh,
      cause: 'error',
      error: new TypeError('fetch failed', { cause: system('ECONNREFUSED') }),
      retryInMs: 3_400,
      validForMs: 25 * MINUTE,
    });
    events.emit('refreshFailed', { ...refresh, cause: 'cancelled', error: new Error('closed') });
    await clock.advance(100);
    expect(lines).toEqual([
      `debug orders: refreshed (rejected) in 12 ms, ${expiry}`,
      'debug orders: the next refresh ahead of expiry is at 2030-01-01T00:25:00.000Z, in 25 min',
      'debug orders: no refresh ahead of expiry is planned',
      'warn orders: refresh (rejected) failed after 12 ms, attempt 2: fetch failed: connect ECONNREFUSED; next call in 3.4 s;' +
        ' what is in use stays valid for 25 min',
    ]);
    expect(fields.at(-1)).toMatchObject({
      event: 'refreshFailed',
      reason: 'rejected',
      cause: 'error',
      retryInMs: 3_400,
      validForMs: 25 * MINUTE,
    });
  });

  it('tells when a provider began to fail, that it goes on, and that it is back', async () => {
    const told = await moments(3 * 60 * MINUTE, 10_000, (attempt) =>
      events.emit('refreshFailed', {
        ...refresh,
        attempt,
        cause: 'error',
        error: new Error(`IAM is down (request ${attempt})`),
        validForMs: -4_000,
      }),
    );
    expect(told.slice(0, 5)).toEqual([0, 10, 20, 40, 80]);
    expect(told.length).toBeLessThan(50);
    expect(lines[4]).toBe(
      'warn orders: refresh (rejected) fails for 1.3 min (9 times), attempt 9: IAM is down (request 9); what is in use expired' +
        ' 4 s ago',
    );
    lines = [];
    events.emit('refreshed', { ...refresh, userInfo });
    expect(lines).toEqual([
      `log orders: refreshed (rejected) in 12 ms after 3 h and 1081 in vain, ${expiry}`,
    ]);
    events.emit('refreshFailed', { ...refresh, cause: 'timeout', error: new Error('late') });
    expect(lines).toHaveLength(2);
  });

  it('tells a new kind of failure of a provider at once', () => {
    const fail = (message: string) =>
      events.emit('refreshFailed', { ...refresh, cause: 'error', error: new Error(message) });
    fail('answered 500');
    fail('answered 500');
    fail('the certificate has expired');
    expect(lines).toHaveLength(2);
  });

  it('tells that stale user info is presented, and for how long it is valid', async () => {
    const reused = { ...client, userInfo: { ...userInfo, resolvedAt: clock.now() } };
    await clock.advance(5 * MINUTE);
    events.emit('reused', { ...reused, kind: 'shared' });
    for (let dials = 0; dials < 3; dials++) events.emit('reused', { ...reused, kind: 'stale' });
    expect(lines).toEqual([
      `debug orders/client: presents user info again (shared): ${expiry}, issued 5 min ago`,
      `warn orders/client: presents stale user info, because the provider fails: ${expiry}, issued 5 min ago`,
    ]);
    expect(fields).toMatchObject([{ kind: 'shared' }, { event: 'reused', kind: 'stale', role: 'client' }]);
  });

  it('tells how rotations ended, and what they took', () => {
    const rotation = { ...client, mode: 'handover', trigger: 'expiring', durationMs: 1_250 } as const;
    events.emit('rotated', { ...rotation, outcome: 'success' });
    events.emit('rotated', { ...rotation, outcome: 'failure', error: new Error('no') });
    expect(lines).toEqual([
      'log orders/client: rotation (expiring, handover) took 1.3 s',
      'warn orders/client: rotation (expiring, handover) failed after 1.3 s: no',
    ]);
  });

  it('has an error for a connection that is gone for good, and not one for each call that tries to open another', async () => {
    const error = new Error('too many connections');
    const told = await moments(40_000, 1_000, () => events.emit('closed', { ...client, error }));
    expect(told).toEqual([0, 5, 15, 35]);
    expect(lines.slice(0, 2)).toEqual([
      'error orders/client: closed: too many connections',
      'error orders/client: closed again (6 times in 5 s): too many connections',
    ]);
  });

  it('tells of an injected connection what does not concern handlers or requests', () => {
    const injected = { connection: 'orders', role: 'connection' } as const;
    const problem = 'the credentials may not subscribe to orders';
    const refused = { ...injected, problem, count: 1, stillRefused: 1 };
    events.emit('subscriptionRefused', { ...refused, tolerated: false });
    events.emit('callbackFailed', { ...injected, subject: 'prices.>', error: new TypeError('no price') });
    expect(lines).toEqual([
      `error orders/connection: a subscription was refused, it hears nothing: ${problem}`,
      "error orders/connection: the callback of the subscription to 'prices.>' failed: no price",
    ]);
    expect(fields[1]).toMatchObject({ event: 'callbackFailed', subject: 'prices.>', error: 'no price' });
  });

  it('shows no secret, also where an error of others quotes one', () => {
    const error = new Error('GET https://svc:hunter2@iam/token: eyJhbGciOi.eyJzdWIi.c2ln');
    events.emit('refreshFailed', { ...refresh, cause: 'error', error });
    events.emit('disconnected', { ...client, error });
    events.emit('closed', { ...client, error });
    events.emit('callbackFailed', { ...client, subject: 'orders', error });
    expect(lines).toHaveLength(4);
    expect(lines.join() + JSON.stringify(fields)).not.toMatch(/hunter2|eyJ/);
  });
});
