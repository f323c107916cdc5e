import type { INestMicroservice } from '@nestjs/common';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import type { Actor } from '../actor.js';
import type { FaultProxy } from '../../support/fault-proxy.js';
import type { PasswordServer, Stage } from './stage.js';

/** Longer than two connections of one process need to ask for user info one after another. */
const OVERLAP_MS = 600;

/** A service and its client, both of one registration. They share each call, but for the first ones, which name a role each. */
export async function passwordsChange(
  actor: Actor,
  app: INestMicroservice,
  server: PasswordServer,
  changes: number,
): Promise<void> {
  actor.provider.thenDelays(OVERLAP_MS, { user: actor.name, pass: 'v1' });
  await Promise.all([app.listen(), actor.client.connect()]);
  actor.did('refreshes_total', { reason: 'connect' }, 2);
  for (const role of ['server', 'client'] as const) {
    actor.did('connects_total', { role, kind: 'initial' });
    actor.is('connected', { role }, 1);
    actor.is('wanted', { role }, 1);
  }
  await ping(actor);
  for (let change = 1; change <= changes; change++) {
    const [servers, clients] = [actor.connects.server, actor.connects.client];
    const user = { user: actor.name, pass: `v${change + 1}` };
    actor.provider.setDefault(user).thenDelays(OVERLAP_MS, user);
    await server.change(actor.name, user.pass);
    await Promise.all([actor.reconnected(servers, 1, 'server'), actor.reconnected(clients, 1, 'client')]);
    await ping(actor);
    actor.did('refreshes_total', { reason: 'rejected' });
    actor.did('reuses_total', { kind: 'shared' });
    for (const role of ['server', 'client'] as const) {
      actor.replaced('rejected');
      actor.did('rejections_total', { role, error: 'violation' });
      actor.did('connects_total', { role, kind: 'reconnect' });
    }
  }
}

/** The client may be back a moment before the service's subscriptions are: then nobody is there yet. */
async function ping({ client }: Actor): Promise<void> {
  await eventually(async () => (await firstValueFrom(client.send<string>('ping', {}))) === 'pong', {
    what: 'an answer to a ping',
  });
}

/** A JWT expires, and the next one is revoked. */
export async function jwtsEnd(actor: Actor, { operator, server }: Stage['jwts']): Promise<void> {
  const first = await operator.mintUser({ expiresInMs: 2_000 });
  const second = await operator.mintUser({ expiresInMs: 600_000 });
  const third = await operator.mintUser({ expiresInMs: 3_600_000 });
  actor.provider
    .setDefault({ creds: third.creds })
    .thenReturns({ creds: first.creds })
    .thenReturns({ creds: second.creds });
  await actor.connect();
  await actor.reconnected(1);
  operator.revoke(second.publicKey);
  await operator.pushClaims(server);
  await actor.reconnected(2);
  for (const error of ['expired', 'revoked']) {
    actor.replaced('rejected');
    actor.did('rejections_total', { role: 'client', error });
    actor.did('refreshes_total', { reason: 'rejected' });
    actor.did('connects_total', { role: 'client', kind: 'reconnect' });
  }
  actor.is('credential_expiry_timestamp_seconds', {}, (third.expiresAt ?? 0) / 1_000);
}

/** What a server says when it waited for CONNECT too long, and words that nobody knows yet. */
export async function serverSaysStrangeThings(actor: Actor, proxy: FaultProxy): Promise<void> {
  await actor.connect();
  for (const [words, error] of [
    ['Authentication Timeout', 'timeout'],
    ['Authorization Out Of Fashion', 'other'],
  ] as const) {
    const before = actor.connects.client;
    // As a server does: it says why, and hangs up.
    const unsubscribe = actor.service.on('rejected', () => proxy.breakOpen('reset'));
    proxy.inject(`-ERR '${words}'\r\n`);
    await actor.reconnected(before);
    unsubscribe();
    actor.replaced('rejected');
    actor.did('rejections_total', { role: 'client', error });
    actor.did('refreshes_total', { reason: 'rejected' });
    actor.did('connects_total', { role: 'client', kind: 'reconnect' });
  }
}
