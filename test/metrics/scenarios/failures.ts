import { eventually } from 'nestjs-nats-auth/testing';

import type { Actor } from '../actor.js';
import type { FaultProxy } from '../../support/fault-proxy.js';
import type { PasswordServer } from './stage.js';

const IAM_IS_DOWN = new Error('IAM is down');

/** The network fails while the provider does: user info that nobody rejected is presented again. */
export async function providerFailsDuringAnOutage(actor: Actor, proxy: FaultProxy): Promise<void> {
  await actor.connect();
  for (let time = 0; time < 2; time++) {
    const before = actor.connects.client;
    actor.provider.thenFails(IAM_IS_DOWN);
    proxy.breakOpen('reset');
    await actor.reconnected(before);
    actor.did('refresh_failures_total', { reason: 'reconnect', cause: 'error' });
    actor.did('reuses_total', { kind: 'stale' });
    actor.did('connects_total', { role: 'client', kind: 'reconnect' });
  }
}

/** After a rejection nothing can be presented again: the provider is asked until it answers. */
export async function providerFailsInEveryWay(actor: Actor, server: PasswordServer): Promise<void> {
  const before = actor.connects.client;
  const user = { user: actor.name, pass: 'v2' };
  actor.provider.setDefault(user).thenFails(IAM_IS_DOWN, 3).thenHangs(2).thenReturns({});
  await server.change(actor.name, 'v2');
  await actor.reconnected(before);
  actor.did('rejections_total', { role: 'client', error: 'violation' });
  actor.did('refresh_failures_total', { reason: 'rejected', cause: 'error' }, 3);
  actor.did('refresh_failures_total', { reason: 'rejected', cause: 'timeout' }, 2);
  actor.did('refresh_failures_total', { reason: 'rejected', cause: 'invalid' });
  actor.did('refreshes_total', { reason: 'rejected' });
  actor.replaced('rejected');
  actor.did('connects_total', { role: 'client', kind: 'reconnect' });
}

/** An operator asks for a refresh: once in vain, once not. */
export async function refreshByHand(actor: Actor): Promise<void> {
  actor.provider.thenFails(IAM_IS_DOWN, 2);
  await actor.service.refresh().then(
    () => Promise.reject(new Error('The refresh should have failed.')),
    () => actor.did('refresh_failures_total', { reason: 'manual', cause: 'error' }, 2),
  );
  await actor.service.refresh();
  actor.did('refreshes_total', { reason: 'manual' });
}

/** The client is closed while the provider is thinking. */
export async function closeDuringACall(actor: Actor, proxy: FaultProxy): Promise<void> {
  await actor.connect();
  actor.provider.thenHangs();
  proxy.breakOpen('reset');
  await eventually(() => actor.provider.calls.length === 2, { what: 'the second call' });
  await actor.client.close();
  actor.did('refresh_failures_total', { reason: 'reconnect', cause: 'cancelled' });
  actor.is('connected', { role: 'client' }, 0);
  actor.is('wanted', { role: 'client' }, 0);
}

/** User info that may be reused until its expiry comes near. */
export async function reuseUntilExpiry(actor: Actor, proxy: FaultProxy, expiresAt: number): Promise<void> {
  actor.provider.setDefault({ user: actor.name, pass: 'v1', expiresAt });
  await actor.connect();
  for (let time = 0; time < 2; time++) {
    const before = actor.connects.client;
    proxy.breakOpen('reset');
    await actor.reconnected(before);
    actor.did('reuses_total', { kind: 'cached' });
    actor.did('connects_total', { role: 'client', kind: 'reconnect' });
  }
  actor.is('credential_expiry_timestamp_seconds', {}, expiresAt / 1_000);
}
