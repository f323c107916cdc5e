import { firstValueFrom } from 'rxjs';

import type { FaultProxy } from '../../support/fault-proxy.js';
import type { Actor } from '../actor.js';

type DialFailure = 'name' | 'refused' | 'closed' | 'tls' | 'signing';

/** The first connect fails for one reason after the other; the provider is asked each time. */
export async function dialsFail(actor: Actor, proxy: FaultProxy): Promise<void> {
  await proxy.unlisten();
  await connectFails(actor, 'refused');
  await proxy.listen();
  proxy.treat({ breaks: { at: 'accept', how: 'end' } });
  await connectFails(actor, 'closed');
  proxy.treat({ breaks: { at: 'connect', how: 'end' } });
  await connectFails(actor, 'closed');
  actor.did('rejections_total', { role: 'client', error: 'suspected' });
}

/** The name of the server has no address: nobody asks for user info. */
export async function nameHasNoAddress(actor: Actor): Promise<void> {
  await connectFails(actor, 'name', 0);
}

export async function serverOffersNoTls(actor: Actor): Promise<void> {
  await connectFails(actor, 'tls');
}

export async function signerFails(actor: Actor): Promise<void> {
  await connectFails(actor, 'signing');
}

/** A user that may not hear replies sends a request. */
export async function inboxIsRefused(actor: Actor): Promise<void> {
  await actor.connect();
  await firstValueFrom(actor.client.send('ping', {})).then(
    () => Promise.reject(new Error('The reply should not have arrived.')),
    () => undefined,
  );
  actor.did('subscriptions_refused_total', { role: 'client' });
  actor.is('subscriptions_refused', { role: 'client' }, 1);
}

async function connectFails(actor: Actor, error: DialFailure, calls = 1): Promise<void> {
  await actor.client.connect().then(
    () => Promise.reject(new Error(`${actor.name} should not have connected.`)),
    () => undefined,
  );
  actor.did('dial_failures_total', { role: 'client', error });
  // It has closed by itself: the next call opens it.
  actor.is('wanted', { role: 'client' }, 1);
  actor.did('refreshes_total', { reason: 'connect' }, calls);
}
