/** Series that make an alert ring if they go on rising, or stay as they are; with labels that they must, or must not, have. */
interface Needs {
  readonly metric: string;
  readonly is?: Readonly<Record<string, string>>;
  readonly not?: Readonly<Record<string, string>>;
}

const CALLS_FAIL: Needs = { metric: 'refresh_failures_total', not: { cause: 'cancelled' } };
const ROTATIONS_FAIL: Needs = { metric: 'rotations_total', is: { outcome: 'failure' } };

/** Every alert of ops/prometheus but those of an auth callout, and what it rings for: one of the groups, with all that is in it. */
export const ALERTS: Readonly<Record<string, readonly (readonly Needs[])[]>> = {
  NatsAuthRefreshesFailing: [[CALLS_FAIL]],
  NatsAuthCredentialsExpiring: [
    [{ metric: 'credential_expiry_timestamp_seconds' }, CALLS_FAIL],
    [{ metric: 'credential_expiry_timestamp_seconds' }, ROTATIONS_FAIL],
  ],
  NatsAuthRejectionLoop: [[{ metric: 'rejections_total', not: { error: 'suspected' } }]],
  NatsAuthDisconnected: [[{ metric: 'connected' }]],
  NatsAuthRotationFailing: [[ROTATIONS_FAIL]],
  NatsAuthSubscriptionsRefused: [[{ metric: 'subscriptions_refused' }]],
  NatsAuthRefreshOverdue: [[{ metric: 'next_refresh_timestamp_seconds' }]],
  NatsAuthServerUnreachable: [[{ metric: 'dial_failures_total' }, { metric: 'connected' }]],
  NatsAuthRefreshNotNewer: [[{ metric: 'refresh_failures_total', is: { cause: 'not_newer' } }]],
};

/** The alerts that ring if these series, as in `rejections_total{error=violation}`, go on as they do. */
export function alertsFor(series: readonly string[]): string[] {
  const seen = series.map(parsed);
  const met = ({ metric, is = {}, not = {} }: Needs) =>
    seen.some(
      ({ name, labels }) =>
        name === metric &&
        Object.entries(is).every(([label, value]) => labels[label] === value) &&
        Object.entries(not).every(([label, value]) => labels[label] !== value),
    );
  return Object.keys(ALERTS).filter((alert) => ALERTS[alert]?.some((needs) => needs.every(met)));
}

/** Name and labels of a series as it stands in a row. */
export function parsed(series: string): { readonly name: string; readonly labels: Record<string, string> } {
  const [, name = series, text = ''] = /^(\w+)\{(.*)\}$/.exec(series) ?? [];
  const pairs = text.split(',').filter(Boolean);
  return { name, labels: Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])) };
}
