import { beforeEach, describe, expect, it } from 'vitest';

import { Emitter } from '../../libs/base/index.js';
import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { Troubles } from './troubles.js';

const userInfo = { kind: 'user', resolvedAt: 0 } as const;
const call = { connection: 'orders', reason: 'reconnect', attempt: 1, durationMs: 1 } as const;
const server = { connection: 'orders', role: 'server' } as const;
const rotation = { ...server, mode: 'handover', trigger: 'manual', durationMs: 1 } as const;
const refusal = { ...server, problem: 'no', count: 1, tolerated: false, stillRefused: 1 } as const;

describe('what is wrong', () => {
  let events: Emitter<NatsAuthEvents>;
  let troubles: Troubles;
  beforeEach(() => {
    events = new Emitter();
    troubles = new Troubles();
    troubles.follow(events);
  });
  const fails = (role: 'server' | 'client' | 'shared', cause: 'error' | 'cancelled' = 'error') =>
    events.emit('refreshFailed', { ...call, role, cause, error: new Error('IAM is down') });
  const connected = (kind: 'reconnect' | 'handover') =>
    events.emit('connected', { ...server, kind, server: 'nats:4222', userInfo });

  it('with the provider lasts from its first failure to its next answer, whatever connects meanwhile', () => {
    fails('shared', 'cancelled');
    expect(troubles.provider('server')).toBeUndefined();
    fails('shared');
    const first = troubles.provider('server');
    fails('shared');
    connected('reconnect');
    expect(troubles.provider('client')).toMatchObject({
      since: first?.since,
      count: 2,
      lastError: { message: 'IAM is down' },
    });
    events.emit('refreshed', { ...call, role: 'shared', userInfo });
    expect(troubles.provider('server')).toBeUndefined();
  });

  it('with the provider of one role is not that of the other', () => {
    fails('client');
    expect(troubles.provider('server')).toBeUndefined();
    events.emit('refreshed', { ...call, role: 'server', userInfo });
    expect(troubles.provider('client')).toBeDefined();
    events.emit('closed', { ...server, role: 'client' });
    expect(troubles.provider('client')).toBeUndefined();
  });

  it('with stale user info lasts until the provider answers', () => {
    fails('server');
    events.emit('reused', { ...server, kind: 'shared', userInfo });
    expect(troubles.of('server', 'stale')).toBeUndefined();
    events.emit('reused', { ...server, kind: 'stale', userInfo });
    connected('reconnect');
    expect(troubles.of('server', 'stale')?.lastError?.message).toBe('IAM is down');
    events.emit('refreshed', { ...call, role: 'shared', userInfo });
    expect(troubles.of('server', 'stale')).toBeUndefined();
  });

  it('with rotations lasts until one succeeds, or a new connection has come about otherwise', () => {
    const failed = () =>
      events.emit('rotated', { ...rotation, outcome: 'failure', error: new Error('no answer') });
    failed();
    failed();
    expect(troubles.of('server', 'rotation')).toMatchObject({
      count: 2,
      lastError: { message: 'no answer' },
    });
    connected('handover');
    expect(troubles.of('server', 'rotation')).toBeUndefined();
  });

  it('with subscriptions lasts until none is refused, and is not what may be refused', () => {
    events.emit('subscriptionRefused', { ...refusal, tolerated: true, stillRefused: 0 });
    expect(troubles.of('server', 'refused')).toBeUndefined();
    events.emit('subscriptionRefused', refusal);
    connected('reconnect');
    expect(troubles.of('server', 'refused')).toBeDefined();
    events.emit('subscriptionRestored', { ...server, problem: 'no', stillRefused: 0 });
    expect(troubles.of('server', 'refused')).toBeUndefined();
  });
});
