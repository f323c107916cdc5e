import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../../libs/base/index.js';
import { DEFAULT_STATES, type HealthState } from '../../health/conditions.js';
import type { HealthProblem, NatsAuthHealthReport } from '../../health/health-report.js';
import { CALLOUT_STATES, type CalloutCondition } from './callout-conditions.js';
import {
  calloutHealth,
  calloutHealthSettings,
  type CalloutFacts,
  type NatsAuthCalloutHealthOptions,
} from './callout-health.js';
import type { CalloutTrouble } from './callout-troubles.js';

const NOW = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

const well: CalloutFacts = { phase: 'begun', since: NOW - 90 * MINUTE, troubles: new Map() };
const connected: NatsAuthHealthReport = { state: 'up', problems: [] };
const lastError = { at: NOW - 1_000, message: 'IAM is down' };
const trouble: CalloutTrouble = { since: NOW - 3 * MINUTE, count: 4, lastError };

const ofConnection = (
  condition: HealthProblem['condition'],
  state: HealthProblem['state'],
): NatsAuthHealthReport => ({
  state,
  problems: [{ condition, state, role: 'server', since: NOW, reason: `it is ${condition}` }],
});

function health(
  facts: Partial<CalloutFacts>,
  {
    connection = connected,
    ...options
  }: NatsAuthCalloutHealthOptions & { connection?: NatsAuthHealthReport } = {},
) {
  return calloutHealth({ ...well, ...facts }, connection, calloutHealthSettings(options).states, NOW);
}

/** Each condition, what it follows from, and the words for it. */
const CASES: Record<CalloutCondition, [Partial<CalloutFacts>, string]> = {
  notListening: [
    { phase: 'idle' },
    'the callout has not begun: it does when the application bootstraps, as app.init() and app.listen() do',
  ],
  failing: [
    { troubles: new Map([['failing', trouble]]) },
    'clients did not come in because the callout failed, 4 times in 3 min, last 1 s ago: IAM is down',
  ],
  answersRefused: [
    { troubles: new Map([['answersRefused', trouble]]) },
    'a server did not accept the answer, 4 times in 3 min, last 1 s ago: IAM is down',
  ],
  requestsDiscarded: [
    { troubles: new Map([['requestsDiscarded', trouble]]) },
    'a request was not answered, 4 times in 3 min, last 1 s ago: IAM is down',
  ],
  overloaded: [
    { troubles: new Map([['overloaded', { ...trouble, count: 1, since: lastError.at }]]) },
    'a client was refused because its turn did not come in time, once, last 1 s ago: IAM is down',
  ],
};
const CONDITIONS = Object.keys(CASES) as CalloutCondition[];

it('a callout that has begun, and of which nothing else is told, is up', () => {
  expect(health({})).toEqual({ state: 'up', problems: [] });
});

describe.each(CONDITIONS)('a callout that is %s', (condition) => {
  const [facts, reason] = CASES[condition];

  it('says so in words, with its default state and since when', () => {
    const state = CALLOUT_STATES[condition];
    const since = condition === 'notListening' ? well.since : facts.troubles?.values().next().value?.since;
    expect(health(facts)).toMatchObject({ state, problems: [{ condition, state, since, reason }] });
  });

  it.each(['degraded', 'down'] as const)('is %s where the application says so', (state) => {
    expect(health(facts, { conditions: { [condition]: state } })).toMatchObject({
      state,
      problems: [{ condition, state }],
    });
  });

  it('is not mentioned where the application calls that up', () => {
    expect(health(facts, { conditions: { [condition]: 'up' } })).toEqual({ state: 'up', problems: [] });
  });

  it('keeps its default state where the application speaks of other conditions', () => {
    const others = CONDITIONS.filter((other) => other !== condition);
    const conditions = Object.fromEntries(others.map((other) => [other, 'up']));
    expect(health(facts, { conditions }).state).toBe(CALLOUT_STATES[condition]);
  });
});

describe('the health of a callout', () => {
  it('is only down by default when no server can ask this instance: whoever can publish causes the rest', () => {
    expect(CONDITIONS.filter((condition) => CALLOUT_STATES[condition] === 'down')).toEqual(['notListening']);
  });

  it('says of one that has ended why nobody can ask it', () => {
    const since = NOW - 5_000;
    expect(health({ phase: 'ended', since }).problems).toEqual([
      {
        condition: 'notListening',
        state: 'down',
        since,
        reason:
          'the callout has left its queue group, because the application shuts down or its start has failed',
      },
    ]);
  });

  it('has the problems of its connection among its own', () => {
    const connection = ofConnection('disconnected', 'down');
    expect(health({}, { connection })).toEqual(connection);
  });

  it('is as bad as the worst of its problems, which comes first, whosever it is', () => {
    const troubles = new Map([['failing', trouble] as const]);
    const seen = (own: HealthState, theirs: HealthProblem['state']) =>
      health(
        { troubles },
        { connection: ofConnection('rotationFailing', theirs), conditions: { failing: own } },
      );
    expect(seen('degraded', 'down')).toMatchObject({
      state: 'down',
      problems: [{ condition: 'rotationFailing' }, { condition: 'failing' }],
    });
    expect(seen('down', 'degraded')).toMatchObject({
      state: 'down',
      problems: [{ condition: 'failing' }, { condition: 'rotationFailing' }],
    });
    expect(seen('degraded', 'degraded')).toMatchObject({ state: 'degraded', problems: [{}, {}] });
  });
});

describe('the options of the health', () => {
  it('may name the conditions of a callout and of its connection, each of which is for whom it concerns', () => {
    const { states, ofConnection } = calloutHealthSettings({
      graceTime: 2_000,
      conditions: { overloaded: 'down', rotationFailing: 'up' },
    });
    expect(states).toEqual({ ...CALLOUT_STATES, overloaded: 'down' });
    expect(ofConnection).toEqual({ graceTime: 2_000, conditions: { rotationFailing: 'up' } });
  });

  it.each([...CONDITIONS, ...Object.keys(DEFAULT_STATES)])(
    'may not make anything else of %s',
    (condition) => {
      const refused = () => calloutHealthSettings({ conditions: { [condition]: 'unwell' as never } });
      expect(refused).toThrow(OptionsInvalidError);
      expect(refused).toThrow(`health.conditions.${condition}`);
    },
  );

  it.each([
    ['an option', { grace: 1 }, /health.*grace/s],
    ['a condition', { conditions: { overload: 'down' } }, /health\.conditions.*overload/s],
  ])('name %s that there is not', (_, options, message) => {
    expect(() => calloutHealthSettings(options as never)).toThrow(message);
  });
});
