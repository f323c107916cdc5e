import { describe, expect, it } from 'vitest';

import {
  ConnectRefusedError,
  type NatsAuthEvents,
  RejectedError,
  SuspectedRejectionError,
} from '../connection/index.js';
import type { RefreshReason, Role, UserInfoSummary } from '../credentials/index.js';
import { DIAL_ERRORS } from './dial-failure.fixture.js';
import { newRegistry, nonZero, startRegistration } from './prom-client.fixture.js';
import { METRICS } from './table.js';

const RESOLVED_AT = 1_700_000_000_000;
const userInfo = (expiresAt?: number): UserInfoSummary => ({
  kind: 'jwt',
  resolvedAt: RESOLVED_AT,
  ...(expiresAt === undefined ? {} : { expiresAt }),
});
const refresh = (reason: RefreshReason = 'connect', durationMs = 250) =>
  ({ connection: 'default', role: 'server', reason, attempt: 1, durationMs }) as const;
const connection = (role: Role = 'server') => ({ connection: 'default', role });
const connected = (kind: NatsAuthEvents['connected']['kind'], expiresAt?: number, role: Role = 'server') => ({
  ...connection(role),
  kind,
  server: '127.0.0.1:4222',
  userInfo: userInfo(expiresAt),
});

function setUp() {
  const registry = newRegistry();
  return { registry, ...startRegistration(registry) };
}

describe('refreshes', () => {
  it.each(METRICS.refreshes_total.labels.reason)(
    'count a usable result of a call for reason %s',
    async (reason) => {
      const { registry, events } = setUp();
      events.emit('refreshed', { ...refresh(reason), userInfo: userInfo() });
      expect(await nonZero(registry)).toEqual({
        [`refreshes_total{reason="${reason}"}`]: 1,
        'refresh_duration_seconds_sum{outcome="success"}': 0.25,
        'refresh_duration_seconds_count{outcome="success"}': 1,
        last_refresh_timestamp_seconds: RESOLVED_AT / 1_000,
      });
    },
  );

  it.each(METRICS.refresh_failures_total.labels.cause)('count a failure of cause %s', async (cause) => {
    const { registry, events } = setUp();
    events.emit('refreshFailed', { ...refresh('rejected', 5_000), cause, error: new Error('no') });
    expect(await nonZero(registry)).toEqual({
      [`refresh_failures_total{reason="rejected",cause="${cause}"}`]: 1,
      'refresh_duration_seconds_sum{outcome="failure"}': 5,
      'refresh_duration_seconds_count{outcome="failure"}': 1,
    });
  });

  it.each(METRICS.reuses_total.labels.kind)('count a reuse of kind %s', async (kind) => {
    const { registry, events } = setUp();
    events.emit('reused', { ...connection(), kind, userInfo: userInfo() });
    expect(await nonZero(registry)).toEqual({ [`reuses_total{kind="${kind}"}`]: 1 });
  });
});

describe('rejections', () => {
  const { role: roles, error: errors } = METRICS.rejections_total.labels;
  const kinds = roles.flatMap((role) => errors.map((kind) => [role, kind] as const));
  it.each(kinds)('count one of the %s with error %s', async (role, kind) => {
    const { registry, events } = setUp();
    const dial = { ...connection(role), server: 'a:1', attempt: 1 };
    if (kind !== 'suspected') events.emit('rejected', { ...dial, error: new RejectedError(kind, 'no') });
    else {
      const failed = { ...dial, downMs: 0 };
      events.emit('connectFailed', { ...failed, error: new ConnectRefusedError('not now', 0) });
      events.emit('connectFailed', { ...failed, error: new SuspectedRejectionError(0) });
    }
    const dials = kind === 'suspected' && {
      [`dial_failures_total{role="${role}",error="other"}`]: 1,
      [`dial_failures_total{role="${role}",error="closed"}`]: 1,
    };
    expect(await nonZero(registry)).toEqual({
      [`rejections_total{role="${role}",error="${kind}"}`]: 1,
      ...dials,
      [`wanted{role="${role}"}`]: 1,
    });
  });
});

describe('dials that fail', () => {
  const { role: roles, error: kinds } = METRICS.dial_failures_total.labels;
  const failures = roles.flatMap((role) =>
    kinds.flatMap((kind) => DIAL_ERRORS[kind].map((error) => [role, kind, error] as const)),
  );
  it.each(failures)('count one of the %s as %s: %s', async (role, kind, error) => {
    const { registry, events } = setUp();
    events.emit('connectFailed', { ...connection(role), server: 'a:1', attempt: 3, downMs: 4_000, error });
    expect(await nonZero(registry)).toEqual({
      [`dial_failures_total{role="${role}",error="${kind}"}`]: 1,
      [`wanted{role="${role}"}`]: 1,
    });
  });
});

describe('connected', () => {
  it('is 1 from a connect to a disconnect, and again after a reconnect, until it is closed', async () => {
    const { registry, events } = setUp();
    const now = async () => (await nonZero(registry))['connected{role="server"}'] ?? 0;
    const seen: number[] = [await now()];
    events.emit('connected', connected('initial'));
    seen.push(await now());
    events.emit('disconnected', connection());
    seen.push(await now());
    events.emit('connected', connected('reconnect'));
    seen.push(await now());
    events.emit('closed', connection());
    seen.push(await now());
    expect(seen).toEqual([0, 1, 0, 1, 0]);
  });

  it('stays 1 through a handover', async () => {
    const { registry, events } = setUp();
    events.emit('connected', connected('initial'));
    events.emit('connected', connected('handover'));
    expect(await nonZero(registry)).toEqual({
      'connects_total{role="server",kind="initial"}': 1,
      'connects_total{role="server",kind="handover"}': 1,
      'connected{role="server"}': 1,
      'wanted{role="server"}': 1,
    });
  });

  it('stays 1 when the old module instance of a hot reload closes after the new one has connected', async () => {
    const registry = newRegistry();
    const [old, fresh] = [startRegistration(registry), startRegistration(registry)];
    old.events.emit('connected', connected('initial'));
    fresh.events.emit('connected', connected('initial'));
    old.events.emit('disconnected', connection());
    old.events.emit('closed', connection());
    expect((await nonZero(registry))['connected{role="server"}']).toBe(1);
    fresh.events.emit('disconnected', connection());
    expect(await nonZero(registry)).toEqual({
      'connects_total{role="server",kind="initial"}': 2,
      'wanted{role="server"}': 1,
    });
  });
});

describe('wanted', () => {
  it('is 1 from the first dial until the application closes the connection, whatever happens in between', async () => {
    const { registry, events } = setUp();
    const now = async () => (await nonZero(registry))['wanted{role="connection"}'] ?? 0;
    const seen: number[] = [await now()];
    const dial = { ...connection('connection'), server: 'a:1', attempt: 1 };
    events.emit('connectFailed', { ...dial, downMs: 0, error: new ConnectRefusedError('not now', 0) });
    seen.push(await now());
    events.emit('closed', { ...connection('connection'), error: new Error('gave up') });
    seen.push(await now());
    events.emit('connected', connected('initial', undefined, 'connection'));
    events.emit('disconnected', connection('connection'));
    seen.push(await now());
    events.emit('closed', connection('connection'));
    seen.push(await now());
    expect(seen).toEqual([0, 1, 1, 1, 0]);
  });
});

describe('the expiry', () => {
  const expiry = async (registry: Parameters<typeof nonZero>[0]) =>
    (await nonZero(registry))['credential_expiry_timestamp_seconds'];

  it('is that of what is in use: the last one connected with', async () => {
    const { registry, events } = setUp();
    events.emit('connected', connected('initial', 2_000_000));
    expect(await expiry(registry)).toBe(2_000);
    events.emit('refreshed', { ...refresh(), userInfo: userInfo(9_000_000) });
    expect(await expiry(registry)).toBe(2_000);
    events.emit('connected', connected('handover', 3_000_000));
    expect(await expiry(registry)).toBe(3_000);
    events.emit('connected', connected('handover'));
    expect(await expiry(registry)).toBeUndefined();
  });

  it('is the sooner one of the two roles, and none when both are closed', async () => {
    const { registry, events } = setUp();
    events.emit('connected', connected('initial', 2_000_000, 'server'));
    events.emit('connected', connected('initial', 3_000_000, 'client'));
    expect(await expiry(registry)).toBe(2_000);
    events.emit('closed', connection('server'));
    expect(await expiry(registry)).toBe(3_000);
    events.emit('closed', connection('client'));
    expect(await expiry(registry)).toBeUndefined();
  });
});

describe('the next refresh', () => {
  it('is the sooner one of what is planned for each role, and 0 when none is', async () => {
    const { registry, events } = setUp();
    const planned = async (role: Role, at?: number) => {
      events.emit('refreshScheduled', { ...connection(role), at });
      return (await nonZero(registry))['next_refresh_timestamp_seconds'];
    };
    expect(await planned('server', 3_000_000)).toBe(3_000);
    expect(await planned('client', 2_000_000)).toBe(2_000);
    expect(await planned('client')).toBe(3_000);
    expect(await planned('server')).toBeUndefined();
  });
});

describe('refused subscriptions', () => {
  const refusal = { ...connection(), problem: 'no', count: 2 };

  it('are counted, and shown for as long as they are refused', async () => {
    const { registry, events } = setUp();
    const values = () => nonZero(registry);
    const counted = { 'subscriptions_refused_total{role="server"}': 2 };
    events.emit('subscriptionRefused', { ...refusal, tolerated: false, stillRefused: 2 });
    expect(await values()).toEqual({ ...counted, 'subscriptions_refused{role="server"}': 2 });
    events.emit('subscriptionRestored', { ...refusal, stillRefused: 1 });
    expect(await values()).toEqual({ ...counted, 'subscriptions_refused{role="server"}': 1 });
    events.emit('closed', connection());
    expect(await values()).toEqual(counted);
  });

  it('are not counted if they may be refused', async () => {
    const { registry, events } = setUp();
    events.emit('subscriptionRefused', { ...refusal, tolerated: true, stillRefused: 0 });
    expect(await nonZero(registry)).toEqual({});
  });
});

describe('rotations', () => {
  const rotated = { ...connection(), mode: 'handover', trigger: 'expiring', durationMs: 40 } as const;

  it('count a success with its time', async () => {
    const { registry, events } = setUp();
    events.emit('rotated', { ...rotated, outcome: 'success' });
    expect(await nonZero(registry)).toEqual({
      'rotations_total{role="server",mode="handover",outcome="success"}': 1,
      'rotation_duration_seconds_sum{role="server",mode="handover"}': 0.04,
      'rotation_duration_seconds_count{role="server",mode="handover"}': 1,
    });
  });

  it('count a failure, which has no time: no old connection was closed', async () => {
    const { registry, events } = setUp();
    events.emit('rotated', { ...rotated, mode: 'reconnect', outcome: 'failure', error: new Error('no') });
    expect(await nonZero(registry)).toEqual({
      'rotations_total{role="server",mode="reconnect",outcome="failure"}': 1,
    });
  });

  it.each(METRICS.credential_age_at_rotation_seconds.labels.trigger)(
    'tell the age of what was replaced by trigger %s',
    async (trigger) => {
      const { registry, events } = setUp();
      events.emit('replaced', { ...connection(), trigger, ageMs: 90_000 });
      expect(await nonZero(registry)).toEqual({
        [`credential_age_at_rotation_seconds_sum{trigger="${trigger}"}`]: 90,
        [`credential_age_at_rotation_seconds_count{trigger="${trigger}"}`]: 1,
      });
    },
  );
});
