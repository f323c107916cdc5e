import { duration, knownKeys, oneOf, OptionsInvalidError } from '../../libs/base/index.js';
import { type Role, ROLES } from '../../libs/credentials/index.js';
import { DEFAULT_STATES, type HealthCondition, type HealthState } from './conditions.js';

/**
 * What counts as healthy.
 * @public
 */
export interface NatsAuthHealthOptions {
  /** How long a connection may be down before it counts, in ms. Default: 10,000. */
  graceTime?: number;
  /**
   * What a condition makes of the health, where that is not the default: `{ credentialsExpired: 'down', lameDuck: 'up' }`. `up`
   * leaves it out. Default: `disconnected` and `subscriptionsRefused` are `down`, all others `degraded`.
   */
  conditions?: Partial<Record<HealthCondition, HealthState>>;
  /**
   * The roles that the application is of no use without. What is wrong with another one makes it `degraded` at most. Default: all.
   */
  required?: readonly Role[];
}

export type HealthSettings = Required<NatsAuthHealthOptions> & {
  readonly conditions: Readonly<Record<HealthCondition, HealthState>>;
};

const STATES: readonly HealthState[] = ['up', 'degraded', 'down'];

/** @throws {@link OptionsInvalidError} */
export function healthSettings(options: NatsAuthHealthOptions): HealthSettings {
  knownKeys('health', options, ['graceTime', 'conditions', 'required']);
  const { graceTime = 10_000, conditions = {}, required = ROLES } = options;
  duration('health.graceTime', graceTime, 0);
  knownKeys('health.conditions', conditions, Object.keys(DEFAULT_STATES));
  for (const [name, state] of Object.entries(conditions)) oneOf(`health.conditions.${name}`, state, STATES);
  if (!Array.isArray(required))
    throw new OptionsInvalidError(
      'health.required',
      `expected a list of ${ROLES.map((role) => `'${role}'`).join(', ')}.`,
    );
  for (const role of required) oneOf('health.required', role, ROLES);
  return { graceTime, conditions: { ...DEFAULT_STATES, ...conditions }, required };
}
