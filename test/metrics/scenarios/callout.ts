import { type RefusalReason, RefusedError } from 'nestjs-nats-auth/callout';

import type { CalloutActor } from '../callout-actor.js';
import { DETOUR } from './callout-stage.js';

const never = () => new Promise<never>(() => {});

/** Starts with the application, as its only connection. */
export function calloutListens(actor: CalloutActor): Promise<void> {
  actor.did('refreshes_total', { reason: 'connect' });
  actor.did('connects_total', { role: 'server', kind: 'initial' });
  for (const gauge of ['connected', 'wanted']) actor.is(gauge, { role: 'server' }, 1);
  actor.is('callout_listening', {}, 1);
  return Promise.resolve();
}

/** Clients come in, into an account that is there and into one that is not. */
export async function calloutAdmits(actor: CalloutActor): Promise<void> {
  for (let i = 0; i < 3; i++) await actor.until('admitted', () => actor.stage.visit('alice'));
  asked(actor, 3);
  actor.did('callout_admitted_total', {}, 3);

  actor.authorize = () => ({ name: 'x', account: 'NOWHERE' });
  await actor.until('answerRefused', () => actor.stage.visit('alice'));
  asked(actor);
  actor.did('callout_admitted_total', {});
  actor.did('callout_answers_refused_total', {});
}

/** Each reason for which an authorizer, or the module, refuses a client. */
export async function calloutRefuses(actor: CalloutActor): Promise<void> {
  const refused = async (reason: RefusalReason, visit = () => actor.stage.visit('alice')) => {
    await actor.until('refused', visit);
    asked(actor);
    actor.did('callout_refused_total', { reason });
  };
  for (const reason of ['credentials', 'unknown', 'forbidden'] as const) {
    actor.authorize = () => {
      throw new RefusedError('no', { reason });
    };
    await refused(reason);
  }
  actor.authorize = () => ({ name: 'x', account: 'APP', expiresAt: Date.now() - 60_000 });
  await refused('expired');
  actor.authorize = () => ({ name: 'x', account: 'SOMEWHERE' });
  await refused('account');
  actor.authorize = () => ({ name: 'x', account: 'APP', allowedSources: ['10.99.0.0/16'] });
  await refused('source');
  actor.authorize = () => ({ name: 'x', account: 'APP', connectionTypes: ['MQTT'] });
  await refused('connection_type');
  await actor.callout.revoke('eve');
  await refused('revoked', () => actor.stage.visit('eve'));

  // One is looked at at once: the second has waited too long when the first is given up.
  actor.authorize = never;
  await actor.until('refused', () => Promise.all([actor.stage.visit('alice'), actor.stage.visit('bob')]));
  asked(actor, 2);
  actor.did('callout_refused_total', { reason: 'busy' });
  actor.did('callout_failures_total', { cause: 'timeout' });
}

export async function calloutFails(actor: CalloutActor): Promise<void> {
  const failed = async (cause: 'error' | 'invalid' | 'signing') => {
    await actor.until('failed', () => actor.stage.visit('alice'));
    asked(actor);
    actor.did('callout_failures_total', { cause });
  };
  actor.authorize = () => {
    throw new Error('IAM is down');
  };
  await failed('error');
  actor.authorize = () => ({ nobody: 'knows' }) as never;
  await failed('invalid');
  actor.authorize = () => ({ name: 'x', account: 'APP' });
  actor.signs = false;
  await failed('signing');
  actor.signs = true;
}

/** Somebody in an account that imports the subject asks itself. Other forged requests are kept from a callout by the server. */
export async function calloutDiscards(actor: CalloutActor): Promise<void> {
  const mallory = await actor.stage.mallory();
  for (const [problem, data] of [
    ['reply', 'garbage'],
    ['oversized', 'x'.repeat(100_000)],
  ] as const) {
    await actor.until('discarded', () => {
      mallory.publish(DETOUR, data, { reply: '_INBOX.mallory' });
      return mallory.flush();
    });
    asked(actor);
    actor.did('callout_discarded_total', { problem });
  }
  await mallory.close();
}

function asked(actor: CalloutActor, times = 1): void {
  actor.did('callout_requests_total', {}, times);
}
