import { type Metric, METRICS } from '../../libs/metrics/index.js';
import { CALLOUT_METRICS } from '../../src/callout/metrics/table.js';
import type { Actor } from './actor.js';
import { type Ledger, seriesKey } from './ledger.js';
import type { Series } from './prometheus/prometheus.js';

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly expected: number | undefined;
  readonly got: number | undefined;
  readonly agrees: boolean;
}

/** Each series that should be in Prometheus or is, side by side. */
export function compareSeries(ledger: Ledger, scraped: readonly Series[]): Row[] {
  const got = new Map(
    scraped.map(({ labels: { __name__: name = '', job: _job, instance: _instance, ...labels }, values }) => [
      seriesKey(name, labels),
      values[0]?.[1],
    ]),
  );
  const keys = [...new Set([...ledger.series.keys(), ...got.keys()])].sort();
  return keys.map((what) => row(what, ledger.series.get(what), got.get(what)));
}

/** What the scenarios claim beside series: that what was timed is what was counted. */
export function compareClaims(ledger: Ledger, actors: readonly Actor[]): Row[] {
  return actors.flatMap((actor) => {
    const connection = actor.name;
    const count = (name: string, labels = {}) => ledger.total(name, { connection, ...labels });
    const results = count('refreshes_total');
    const failures = count('refresh_failures_total');
    const timed = (outcome: string) => count('refresh_duration_seconds_count', { outcome });
    const seconds = count('refresh_duration_seconds_sum');
    return [
      row(`${connection}: calls that the provider got`, results + failures, actor.provider.calls.length),
      row(`${connection}: results that were timed`, results, timed('success')),
      row(`${connection}: failures that were timed`, failures, timed('failure')),
      row(
        `${connection}: rotations that were timed`,
        count('rotations_total', { outcome: 'success' }),
        count('rotation_duration_seconds_count'),
      ),
      ...METRICS.credential_age_at_rotation_seconds.labels.trigger.map((trigger) =>
        row(
          `${connection}: replacements (${trigger})`,
          actor.replacements[trigger] ?? 0,
          count('credential_age_at_rotation_seconds_count', { trigger }),
        ),
      ),
      {
        what: `${connection}: seconds in the provider, by its own clock`,
        expected: Number(actor.ownSeconds.toFixed(3)),
        got: Number(seconds.toFixed(3)),
        // The provider's own time is a part of a call; the rest of it is short.
        agrees: Math.abs(seconds - actor.ownSeconds) <= 0.05 * (results + failures),
      },
    ];
  });
}

/** Values of labels that nothing is done for here, with the reason. */
const NOT_PLAYED: Readonly<Record<string, string>> = {
  'dial_failures_total error=timeout': 'takes as long as a dial may',
  'dial_failures_total error=other': 'what nobody knows yet',
  'dial_failures_total error=capacity': 'ends no connection: test/drivers has it',
  'refreshes_total reason=changed': 'of providers that watch a file: test/integration/metrics has it',
  'refresh_failures_total reason=changed': 'the same',
  'refresh_failures_total reason=connect': 'would end the service',
  'callout_failures_total cause=answer': 'a connection that breaks at that moment: libs/callout has it',
  ...Object.fromEntries(
    ['plain', 'sealed', 'signature', 'issuer', 'audience', 'subject', 'version', 'expired', 'xkey'].map(
      (problem) => [`callout_discarded_total problem=${problem}`, 'test/callout has it'],
    ),
  ),
  'callout_discarded_total problem=malformed': 'the same',
  'callout_discarded_total problem=repeated': 'the same',
  'callout_discarded_total problem=untrusted': 'the same',
};

/** Whether something was done for each value of each label: a kind that is new is not played by itself. */
export function comparePlayed(ledger: Ledger): Row[] {
  return Object.entries<Metric>({ ...METRICS, ...CALLOUT_METRICS }).flatMap(([name, { type, labels }]) =>
    type !== 'counter'
      ? []
      : Object.entries(labels).flatMap(([label, values]) =>
          // A role is nothing that happens.
          (label === 'role' ? [] : values).map((value) => {
            const what = `${name} ${label}=${value}`;
            const times = ledger.total(name, { [label]: value });
            return { what, expected: undefined, got: times, agrees: times > 0 !== what in NOT_PLAYED };
          }),
        ),
  );
}

function row(what: string, expected: number | undefined, got: number | undefined): Row {
  return { what, expected, got, agrees: expected === got };
}

/** Prints the rows; what does not agree stands out. */
export function printRows(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log(`        ${'series'.padEnd(width)}  ${'expected'.padStart(20)}  ${'scraped'.padStart(20)}`);
  for (const { what, expected, got, agrees } of rows) {
    const number = (value: number | undefined) => String(value ?? 'none').padStart(20);
    console.log(`  ${agrees ? 'ok  ' : 'NOT '}  ${what.padEnd(width)}  ${number(expected)}  ${number(got)}`);
  }
}
