import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../libs/base/index.js';
import { DEFAULT_STATES, type HealthCondition } from './conditions.js';
import { healthSettings, type NatsAuthHealthOptions } from './health-options.js';
import { healthReport, type RoleFacts } from './health-report.js';

const NOW = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

const well: RoleFacts = {
  role: 'server',
  state: 'connected',
  since: NOW - 90 * MINUTE,
  server: 'nats:4222',
  resolvedAt: NOW - 54 * MINUTE,
  expiresAt: NOW + 20 * MINUTE,
  refusedSubscriptions: [],
};
const error = { at: NOW - 1_000, message: 'IAM is down' };
const trouble = { since: NOW - 3 * MINUTE, count: 4, lastError: error };
const gone = (downMs: number): Partial<RoleFacts> => ({
  state: 'disconnected',
  since: NOW - downMs,
  downMs,
  resolvedAt: undefined,
  expiresAt: undefined,
});

/** Each condition, what it follows from, and the words for it. */
const CASES: Record<HealthCondition, [Partial<RoleFacts>, string]> = {
  disconnected: [gone(12_000), 'the server connection has been disconnected for 12 s; it is being dialled'],
  reconnecting: [gone(3_000), 'the server connection has been lost for 3 s; it is being dialled'],
  connectFailed: [
    { ...gone(12_000), role: 'client', state: 'closed' },
    'the client connection could not be opened, first 12 s ago; the next call tries again',
  ],
  subscriptionsRefused: [
    { refusedSubscriptions: ['the credentials may not subscribe to orders'] },
    'handlers of the server connection are not subscribed: the credentials may not subscribe to orders',
  ],
  credentialsExpired: [
    { expiresAt: NOW - 5_000 },
    'the credentials of the server connection expired 5 s ago; the server may end it at any time',
  ],
  credentialsExpiring: [
    { expiresAt: NOW + 5 * MINUTE, rotation: trouble },
    'the credentials of the server connection expire in 5 min and have not been replaced',
  ],
  providerFailing: [
    { provider: { ...trouble, nextAt: NOW + 20_000 } },
    'the user info provider has failed 4 times in 3 min; it is asked again in 20 s',
  ],
  staleUserInfo: [
    { stale: trouble },
    'the server connection has presented the credentials that it got 54 min ago again, because the provider failed',
  ],
  rotationFailing: [
    { rotation: { ...trouble, count: 1 } },
    'the server connection could not be replaced, 3 min ago; the old one serves',
  ],
  lameDuck: [
    { lameDuck: trouble },
    'the server nats:4222 of the server connection is about to close it (lame-duck mode), and it has not moved to another one',
  ],
};
const conditions = Object.keys(CASES) as HealthCondition[];

describe.each(conditions)('a registration that is %s', (condition) => {
  const [facts, reason] = CASES[condition];
  const report = (options?: NatsAuthHealthOptions) =>
    healthReport([{ ...well, ...facts }], healthSettings(options ?? {}), NOW);
  const found = (options?: NatsAuthHealthOptions) =>
    report(options).problems.find((problem) => problem.condition === condition);

  it('says why, since when, and how bad that is', () => {
    expect(found()).toMatchObject({ reason, state: DEFAULT_STATES[condition] });
    expect(found()?.since).toBeLessThan(NOW);
  });

  it('is up, degraded or down as the options say', () => {
    expect(found({ conditions: { [condition]: 'up' } })).toBeUndefined();
    expect(found({ conditions: { [condition]: 'degraded' } })?.state).toBe('degraded');
    const strict = report({ conditions: { [condition]: 'down' } });
    expect(strict.state).toBe('down');
    expect(strict.problems[0]?.condition).toBe(condition);
  });
});

describe('the health of a registration', () => {
  const settings = healthSettings({});

  it('is up when nothing is wrong, and when a first connect takes its time', () => {
    expect(healthReport([well], settings, NOW)).toEqual({ state: 'up', problems: [] });
    const connecting: RoleFacts = { ...well, ...gone(3_000), state: 'connecting' };
    expect(healthReport([connecting], settings, NOW).state).toBe('up');
    expect(healthReport([{ ...connecting, lastError: error }], settings, NOW).state).toBe('degraded');
    expect(healthReport([{ ...connecting, downMs: 12_000 }], settings, NOW).state).toBe('down');
  });

  it('is down only because of a role that the application needs', () => {
    const client: RoleFacts = { ...well, ...gone(12_000), role: 'client' };
    expect(healthReport([well, client], settings, NOW).state).toBe('down');
    const serverOnly = healthSettings({ required: ['server'] });
    expect(healthReport([well, client], serverOnly, NOW)).toMatchObject({
      state: 'degraded',
      problems: [{ condition: 'disconnected', role: 'client', state: 'degraded' }],
    });
    expect(healthReport([{ ...client, role: 'server' }], serverOnly, NOW).state).toBe('down');
  });

  it('tells the worst first, and the provider once for all roles that share it', () => {
    const [server, client]: RoleFacts[] = [
      { ...well, provider: trouble },
      { ...well, ...gone(12_000), role: 'client', provider: trouble },
    ];
    const { state, problems } = healthReport(
      [server, client].filter((one) => one !== undefined),
      settings,
      NOW,
    );
    expect(state).toBe('down');
    expect(problems.map(({ condition }) => condition)).toEqual(['disconnected', 'providerFailing']);
  });

  it('tells of an injected connection as of the others', () => {
    const injected: RoleFacts = { ...well, role: 'connection' };
    const reasons = (facts: Partial<RoleFacts>) =>
      healthReport([{ ...injected, ...facts }], settings, NOW).problems.map(({ reason }) => reason);
    expect(reasons(gone(12_000))).toEqual([
      'the injected connection has been disconnected for 12 s; it is being dialled',
    ]);
    expect(reasons({ ...gone(12_000), state: 'closed' })).toEqual([
      'the injected connection could not be opened, first 12 s ago; the next call tries again',
    ]);
    expect(reasons({ refusedSubscriptions: ['the credentials may not subscribe to orders'] })).toEqual([
      'subscriptions of the injected connection hear nothing: the credentials may not subscribe to orders',
    ]);
    expect(reasons({ expiresAt: NOW - 5_000 })).toEqual([
      'the credentials of the injected connection expired 5 s ago; the server may end it at any time',
    ]);
    const clientOnly = healthSettings({ required: ['client'] });
    expect(healthReport([{ ...injected, ...gone(12_000) }], clientOnly, NOW).state).toBe('degraded');
  });

  it('says when nobody asks the provider again by itself', () => {
    expect(healthReport([{ ...well, provider: trouble }], settings, NOW).problems[0]?.reason).toContain(
      'it is not asked again before the next connect or refresh',
    );
  });

  it('has no fault in the last part of a lifetime that nobody failed to replace', () => {
    expect(healthReport([{ ...well, expiresAt: NOW + 1_000 }], settings, NOW).state).toBe('up');
  });
});

it.each<[NatsAuthHealthOptions | object, string]>([
  [{ graceTime: -1 }, 'health.graceTime'],
  [{ grace: 1 }, 'health.grace'],
  [{ conditions: { expired: 'down' } }, 'health.conditions.expired'],
  [{ conditions: { lameDuck: 'bad' } }, 'health.conditions.lameDuck'],
  [{ required: 'server' }, 'health.required'],
  [{ required: ['connections'] }, 'health.required'],
])('options that mean nothing are refused by name: %j', (options, name) => {
  const check = () => healthSettings(options);
  expect(check).toThrow(OptionsInvalidError);
  expect(check).toThrow(`'${name}'`);
});
