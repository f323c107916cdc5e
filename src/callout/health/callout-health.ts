import { knownKeys, oneOf } from '../../../libs/base/index.js';
import { DEFAULT_STATES, type HealthCondition, type HealthState } from '../../health/conditions.js';
import type { NatsAuthHealthOptions } from '../../health/health-options.js';
import type { HealthProblem, NatsAuthHealthReport } from '../../health/health-report.js';
import { inWords } from '../../health/in-words.js';
import { CALLOUT_STATES, type CalloutCondition, isOfCallout } from './callout-conditions.js';
import type { CalloutTrouble, TroubleKind } from './callout-troubles.js';

/**
 * What counts as healthy.
 * @public
 */
export interface NatsAuthCalloutHealthOptions extends Pick<NatsAuthHealthOptions, 'graceTime'> {
  /**
   * What a condition makes of the health, where that is not the default: `{ overloaded: 'down' }`. `up` leaves it out. Default: of a callout, `notListening` is `down`, all
   * others `degraded`; of its connection, as `NatsAuthService.health()` says.
   */
  conditions?: Partial<Record<CalloutCondition | HealthCondition, HealthState>>;
}

/**
 * Something that is wrong with a callout or its connection.
 * @public
 */
export interface CalloutHealthProblem extends Omit<HealthProblem, 'condition'> {
  /** Which kind of problem it is. */
  readonly condition: CalloutCondition | HealthCondition;
}

/**
 * How well a callout is. It holds no secret.
 * @public
 */
export interface NatsAuthCalloutHealthReport {
  /** The worst of its problems; `up` without one. */
  readonly state: HealthState;
  /** The worst first. */
  readonly problems: readonly CalloutHealthProblem[];
}

/** What the health of a callout follows from. */
export interface CalloutFacts {
  /** `begun`: it listens, or its connection says why not. */
  readonly phase: 'idle' | 'begun' | 'ended';
  /** Since when that is so, in ms since the epoch. */
  readonly since: number;
  readonly troubles: ReadonlyMap<TroubleKind, CalloutTrouble>;
}

/** How to judge them. */
export interface CalloutHealthSettings {
  readonly states: Readonly<Record<CalloutCondition, HealthState>>;
  /** For the health of its connection. */
  readonly ofConnection: NatsAuthHealthOptions;
}

/** @throws {@link OptionsInvalidError} */
export function calloutHealthSettings(options: NatsAuthCalloutHealthOptions): CalloutHealthSettings {
  knownKeys('health', options, ['graceTime', 'conditions']);
  const { conditions = {}, ...rest } = options;
  knownKeys('health.conditions', conditions, Object.keys({ ...CALLOUT_STATES, ...DEFAULT_STATES }));
  const entries = Object.entries(conditions) as [CalloutCondition | HealthCondition, HealthState][];
  for (const [name, state] of entries)
    oneOf(`health.conditions.${name}`, state, ['up', 'degraded', 'down'] satisfies HealthState[]);
  const own = entries.filter(([name]) => isOfCallout(name));
  const others = entries.filter(([name]) => !isOfCallout(name));
  return {
    states: { ...CALLOUT_STATES, ...(Object.fromEntries(own) as Partial<typeof CALLOUT_STATES>) },
    ofConnection: { ...rest, conditions: Object.fromEntries(others) },
  };
}

/** What is wrong at `now`, in ms since the epoch. */
export function calloutHealth(
  facts: CalloutFacts,
  connection: NatsAuthHealthReport,
  states: CalloutHealthSettings['states'],
  now: number,
): NatsAuthCalloutHealthReport {
  const own = [...presence(facts), ...ofRequests(facts, now)].flatMap((finding) => {
    const state = states[finding.condition];
    return state === 'up' ? [] : [{ ...finding, state }];
  });
  const problems = [...own, ...connection.problems];
  const worstFirst = [...problems.filter(isDown), ...problems.filter((problem) => !isDown(problem))];
  return { state: worstFirst[0]?.state ?? 'up', problems: worstFirst };
}

type Finding = Omit<CalloutHealthProblem, 'state' | 'condition'> & { readonly condition: CalloutCondition };

function isDown({ state }: CalloutHealthProblem): boolean {
  return state === 'down';
}

function presence({ phase, since }: CalloutFacts): Finding[] {
  if (phase === 'begun') return [];
  const reason =
    phase === 'idle'
      ? 'the callout has not begun: it does when the application bootstraps, as app.init() and app.listen() do'
      : 'the callout has left its queue group, because the application shuts down or its start has failed';
  return [{ condition: 'notListening', since, reason }];
}

function ofRequests({ troubles }: CalloutFacts, now: number): Finding[] {
  return [...troubles].map(([condition, { since, count, lastError }]) => ({
    condition,
    since,
    lastError,
    reason: `${WORDS[condition]} ${count === 1 ? 'once' : `${count} times in ${inWords(now - since)}`}, last ${inWords(now - lastError.at)} ago: ${lastError.message}`,
  }));
}

const WORDS: Readonly<Record<TroubleKind, string>> = {
  failing: 'clients did not come in because the callout failed,',
  answersRefused: 'a server did not accept the answer,',
  requestsDiscarded: 'a request was not answered,',
  overloaded: 'a client was refused because its turn did not come in time,',
};
