import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';

import type { Actor } from '../actor.js';

/** User info lives for two seconds: its successor is fetched ahead of that, at the third attempt. */
export async function refreshAheadOfExpiry(actor: Actor, successorExpiresAt: number): Promise<void> {
  const user = { user: actor.name, pass: 'v1' };
  const first = { ...user, expiresAt: Date.now() + 2_000 };
  actor.provider
    .setDefault({ ...user, expiresAt: successorExpiresAt })
    .thenReturns(first)
    .thenFails(new Error('IAM is down'))
    .thenReturns(first);
  await actor.connect();
  await rotated(actor, 1);
  actor.did('refresh_failures_total', { reason: 'expiring', cause: 'error' });
  actor.did('refresh_failures_total', { reason: 'expiring', cause: 'not_newer' });
  actor.did('refreshes_total', { reason: 'expiring' });
  actor.replaced('expiring');
  actor.did('rotations_total', { role: 'client', mode: 'handover', outcome: 'success' });
  actor.did('connects_total', { role: 'client', kind: 'handover' });
  actor.is('credential_expiry_timestamp_seconds', {}, successorExpiresAt / 1_000);
}

/** An operator rotates; the second time to user info that the server does not accept. */
export async function rotateByHand(actor: Actor): Promise<void> {
  const success = async () => {
    await actor.service.rotate();
    actor.replaced('manual');
    actor.did('refreshes_total', { reason: 'manual' });
    actor.did('rotations_total', { role: 'client', mode: 'handover', outcome: 'success' });
    actor.did('connects_total', { role: 'client', kind: 'handover' });
  };
  await success();
  actor.provider.thenReturns({ user: actor.name, pass: 'wrong' });
  await actor.service.rotate().then(
    () => Promise.reject(new Error('The rotation should have failed.')),
    () => undefined,
  );
  actor.did('refreshes_total', { reason: 'manual' });
  actor.did('rejections_total', { role: 'client', error: 'violation' });
  actor.did('rotations_total', { role: 'client', mode: 'handover', outcome: 'failure' });
  await success();
}

/** The same connection object, dialled again. */
export async function rotateInPlace(actor: Actor): Promise<void> {
  await actor.connect();
  for (let time = 0; time < 2; time++) {
    await actor.service.rotate();
    actor.replaced('manual');
    actor.did('refreshes_total', { reason: 'manual' });
    actor.did('rotations_total', { role: 'client', mode: 'reconnect', outcome: 'success' });
    actor.did('connects_total', { role: 'client', kind: 'reconnect' });
  }
}

/** A connection that the application injects; it rotates, and the application closes it. */
export async function closeWhatWasInjected(actor: Actor): Promise<void> {
  const role = 'connection';
  const nc = await actor.service.connection<{ close(): Promise<void> }>();
  actor.did('refreshes_total', { reason: 'connect' });
  actor.did('connects_total', { role, kind: 'initial' });
  await actor.service.rotate();
  actor.replaced('manual');
  actor.did('refreshes_total', { reason: 'manual' });
  actor.did('rotations_total', { role, mode: 'handover', outcome: 'success' });
  actor.did('connects_total', { role, kind: 'handover' });
  const closed = new Promise<void>((resolve) => actor.service.on('closed', () => resolve()));
  await nc.close();
  await closed;
}

/** A server announces that it is going to end its connections. */
export async function leaveALameDuck(actor: Actor, servers: readonly NatsServer[]): Promise<void> {
  await actor.connect();
  const on = actor.service.status.connections.client?.server ?? '';
  servers.find(({ port }) => on.endsWith(`:${port}`))?.lameDuck();
  await rotated(actor, 1);
  actor.did('refreshes_total', { reason: 'reconnect' });
  actor.replaced('lame-duck');
  actor.did('rotations_total', { role: 'client', mode: 'handover', outcome: 'success' });
  actor.did('connects_total', { role: 'client', kind: 'handover' });
}

async function rotated(actor: Actor, times: number): Promise<void> {
  let seen = 0;
  const unsubscribe = actor.service.on('rotated', () => seen++);
  await eventually(() => seen >= times, { what: `${actor.name} to rotate`, timeoutMs: 20_000 });
  unsubscribe();
}
