import type { INestMicroservice } from '@nestjs/common';

import type { Actor } from './actor.js';
import type { CalloutActor } from './callout-actor.js';
import {
  closeDuringACall,
  providerFailsDuringAnOutage,
  providerFailsInEveryWay,
  refreshByHand,
  reuseUntilExpiry,
} from './scenarios/failures.js';
import {
  calloutAdmits,
  calloutDiscards,
  calloutFails,
  calloutListens,
  calloutRefuses,
} from './scenarios/callout.js';
import {
  dialsFail,
  inboxIsRefused,
  nameHasNoAddress,
  serverOffersNoTls,
  signerFails,
} from './scenarios/dials.js';
import { jwtsEnd, passwordsChange, serverSaysStrangeThings } from './scenarios/rejections.js';
import {
  closeWhatWasInjected,
  leaveALameDuck,
  refreshAheadOfExpiry,
  rotateByHand,
  rotateInPlace,
} from './scenarios/rotations.js';
import type { Stage } from './scenarios/stage.js';
import type { ActorName, Cast } from './cast.js';

/**
 * Plays all scenarios, one after another; each enters in the ledger what it did.
 * @param scraped resolves once Prometheus has seen what was done so far, so that each has a time of its own in it.
 */
export async function play(
  cast: Cast,
  app: INestMicroservice,
  stage: Stage,
  scraped: () => Promise<void>,
): Promise<void> {
  const proxy = ({ name }: Actor) => {
    const found = stage.proxies.get(name);
    if (!found) throw new Error(`There is no proxy for ${name}.`);
    return found;
  };
  const later = Date.now() + 3_600_000;
  const scenes: [ActorName, string, (actor: Actor) => Promise<void>][] = [
    ['orders', 'passwords change', (actor) => passwordsChange(actor, app, stage.passwords, 3)],
    [
      'outage',
      'the network and the provider fail',
      (actor) => providerFailsDuringAnOutage(actor, proxy(actor)),
    ],
    ['outage', 'the provider fails in every way', (actor) => providerFailsInEveryWay(actor, stage.passwords)],
    ['outage', 'refreshes by hand', refreshByHand],
    ['hasty', 'a close during a call', (actor) => closeDuringACall(actor, proxy(actor))],
    ['thrifty', 'reuse until expiry', (actor) => reuseUntilExpiry(actor, proxy(actor), later)],
    ['jwt', 'a JWT expires, another is revoked', (actor) => jwtsEnd(actor, stage.jwts)],
    ['strange', 'rare rejections', (actor) => serverSaysStrangeThings(actor, proxy(actor))],
    ['rotating', 'a refresh ahead of expiry', (actor) => refreshAheadOfExpiry(actor, later)],
    ['rotating', 'rotations by hand', rotateByHand],
    ['in-place', 'rotations in place', rotateInPlace],
    ['injected', 'an injected connection is closed', closeWhatWasInjected],
    ['unreachable', 'dials fail', (actor) => dialsFail(actor, proxy(actor))],
    ['astray', 'a name has no address', nameHasNoAddress],
    ['encrypted', 'a server offers no TLS', serverOffersNoTls],
    ['signing', 'a signer fails', signerFails],
    ['muted', 'a reply inbox is refused', inboxIsRefused],
    ['movable', 'a lame duck', (actor) => leaveALameDuck(actor, stage.open)],
  ];
  const calloutScenes: [string, (actor: CalloutActor) => Promise<void>][] = [
    ['a callout listens', calloutListens],
    ['it admits', calloutAdmits],
    ['it refuses', calloutRefuses],
    ['it fails', calloutFails],
    ['it discards', calloutDiscards],
  ];
  const act = async (name: string, what: string, scene: () => Promise<void>) => {
    const startedAt = performance.now();
    await scene();
    const seconds = (performance.now() - startedAt) / 1_000;
    await scraped();
    console.log(`  ${name.padEnd(11)} ${what} (${seconds.toFixed(1)} s)`);
  };
  for (const [name, what, scene] of scenes) await act(name, what, () => scene(cast[name]));
  for (const [what, scene] of calloutScenes) await act('callout', what, () => scene(cast.callout));
  for (const actor of Object.values(cast)) {
    actor.is('last_refresh_timestamp_seconds', {}, (actor.service.status.lastRefresh ?? 0) / 1_000);
  }
}
