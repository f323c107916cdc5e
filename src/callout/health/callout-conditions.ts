import type { HealthCondition, HealthState } from '../../health/conditions.js';

/**
 * What can be wrong with a callout, besides what can be wrong with its connection.
 *
 * - `notListening`: it has not begun, or has ended: no server asks this instance.
 * - `failing`: since the last client that was admitted or refused, the authorizer has only failed, or its admissions could not be signed or sent.
 * - `answersRefused`: servers did not accept answers: the issuer, an account or a permission is not what they are configured for.
 * - `requestsDiscarded`: requests came that this callout does not answer: for another issuer, sealed although it has no `xkey`, or otherwise not in order.
 * - `overloaded`: clients were refused because their turn did not come in time.
 * @public
 */
export type CalloutCondition =
  'notListening' | 'failing' | 'answersRefused' | 'requestsDiscarded' | 'overloaded';

/** What each of them makes of the health by default. Whoever can publish to the subject can cause some: an instance is not to be ended for them. */
export const CALLOUT_STATES: Readonly<Record<CalloutCondition, HealthState>> = {
  notListening: 'down',
  failing: 'degraded',
  answersRefused: 'degraded',
  requestsDiscarded: 'degraded',
  overloaded: 'degraded',
};

/** Whether it is one of a callout's. */
export function isOfCallout(condition: CalloutCondition | HealthCondition): condition is CalloutCondition {
  return condition in CALLOUT_STATES;
}
