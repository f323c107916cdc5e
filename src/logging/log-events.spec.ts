import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  ConnectRefusedError,
  type NatsAuthEvents,
  RejectedError,
  ServerUnreachableError,
  SuspectedRejectionError,
} from '../../libs/connection/index.js';
import { Emitter } from '../../libs/base/index.js';
import { logEvents } from './log-events.js';

const LEVELS = ['debug', 'log', 'warn', 'error'] as const;
const userInfo = { kind: 'jwt', resolvedAt: 0, expiresAt: Date.UTC(2030, 0, 1) } as const;
const client = { connection: 'orders', role: 'client' } as const;
const dial = { ...client, server: 'nats:4222', attempt: 1 } as const;
const refresh = { ...client, reason: 'rejected', attempt: 2, durationMs: 12.4 } as const;

describe('the log', () => {
  let lines: string[];
  let events: Emitter<NatsAuthEvents>;

  beforeEach(() => {
    vi.useFakeTimers();
    lines = [];
    for (const level of LEVELS) {
      vi.spyOn(Logger.prototype, level).mockImplementation(
        (message: unknown) => void lines.push(`${level} ${String(message)}`),
      );
    }
    events = new Emitter();
    logEvents(events);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const connected = (kind: NatsAuthEvents['connected']['kind']) =>
    events.emit('connected', { ...client, kind, server: 'nats:4222', serverName: 'n1', userInfo });

  it('has one line for each change of a connection, with how long it was as it was', () => {
    connected('initial');
    vi.advanceTimersByTime(90_000);
    events.emit('disconnected', { ...client, error: new Error('socket hung up') });
    vi.advanceTimersByTime(2_400);
    connected('reconnect');
    vi.advanceTimersByTime(7.5 * 3_600_000);
    connected('handover');
    events.emit('closed', client);
    const expiry = 'jwt valid until 2030-01-01T00:00:00.000Z';
    expect(lines).toEqual([
      `log orders/client: connected to nats:4222, server n1 (initial), ${expiry}`,
      'warn orders/client: disconnected after 1.5 min: socket hung up',
      `log orders/client: connected to nats:4222, server n1 (reconnect after 2.4 s), ${expiry}`,
      `log orders/client: connected to nats:4222, server n1 (handover), ${expiry}`,
      'log orders/client: closed',
    ]);
  });

  it('tells a rejection once, though the connection is gone with it', () => {
    connected('initial');
    lines = [];
    vi.advanceTimersByTime(20);
    const error = new RejectedError('violation', 'Authorization Violation');
    events.emit('rejected', { ...dial, error });
    events.emit('disconnected', { ...client, error });
    expect(lines).toEqual([
      `warn orders/client: The NATS server rejected the credentials: 'Authorization Violation'.`,
      'warn orders/client: disconnected after 20 ms',
    ]);
  });

  it('hints at the clocks once, when the server ends sessions far from their expiry', () => {
    const error = new RejectedError('expired', 'User Authentication Expired');
    const end = (afterExpiryMs?: number) => {
      events.emit('rejected', { ...dial, error, afterExpiryMs });
      events.emit('disconnected', { ...client, error });
    };
    for (const afterExpiryMs of [undefined, 900, -900, -60_000, 60_000]) end(afterExpiryMs);
    const hints = lines.filter((line) => line.includes('clock'));
    expect(hints).toEqual([
      expect.stringMatching(
        /^warn orders\/client: the server ended the connection as expired 1 min before the expiry .*compare the clocks/,
      ),
    ]);
  });

  it('tells why dials fail, once for each kind of reason in an outage, and what will not be sent', () => {
    const refused = (server: string) =>
      ServerUnreachableError.of(server, Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    const full = new ConnectRefusedError('maximum connections exceeded', 100);
    const fail = (error: NatsAuthEvents['connectFailed']['error'], server = 'nats:4222') =>
      events.emit('connectFailed', { ...dial, downMs: 0, server, error });
    for (let outage = 0; outage < 2; outage++) {
      for (let times = 0; times < 3; times++) {
        fail(refused('nats:4222'));
        fail(refused('other:4222'), 'other:4222');
        fail(full);
        fail(new SuspectedRejectionError(100));
        events.emit('rejected', {
          ...dial,
          error: new RejectedError('violation', 'Authorization Violation'),
        });
      }
      events.emit('outputDropped', { ...client, messages: 3 });
      const dialled = 'warn orders/client: not connected to nats:4222: ';
      expect(lines).toEqual([
        expect.stringContaining(`${dialled}The NATS server nats:4222 cannot be reached: connect`),
        expect.stringContaining(`${dialled}The NATS server refused CONNECT: 'maximum connections exceeded'`),
        expect.stringMatching(/^warn orders\/client: not connected to nats:4222: .*without a word/),
        `warn orders/client: The NATS server rejected the credentials: 'Authorization Violation'.`,
        'warn orders/client: dropped 3 messages that were published while disconnected',
      ]);
      events.emit('disconnected', client);
      lines = [];
    }
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

  it('has refreshes for those who look closely, and their failures for all', () => {
    events.emit('refreshed', { ...refresh, userInfo });
    events.emit('refreshFailed', { ...refresh, cause: 'error', error: new Error('IAM is down') });
    events.emit('refreshFailed', { ...refresh, cause: 'cancelled', error: new Error('closed') });
    expect(lines).toEqual([
      'debug orders: refreshed (rejected) in 12 ms, jwt valid until 2030-01-01T00:00:00.000Z',
      'warn orders: refresh (rejected) failed after 12 ms, attempt 2: IAM is down',
    ]);
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

  it('has an error for a connection that is gone for good', () => {
    events.emit('closed', { ...client, error: new Error('too many connections') });
    expect(lines).toEqual(['error orders/client: closed: too many connections']);
  });

  it('shows no secret, also where an error of others quotes one', () => {
    const error = new Error('GET https://svc:hunter2@iam/token: eyJhbGciOi.eyJzdWIi.c2ln');
    events.emit('refreshFailed', { ...refresh, cause: 'error', error });
    events.emit('disconnected', { ...client, error });
    events.emit('closed', { ...client, error });
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toMatch(/hunter2|eyJ/);
  });
});
