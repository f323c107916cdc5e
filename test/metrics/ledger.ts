type Labels = Readonly<Record<string, string>>;

const ROLES = ['server', 'client'];
const REASONS = ['connect', 'reconnect', 'rejected', 'expiring', 'changed', 'manual'];
const OUTCOMES = ['success', 'failure'];
const MODES = ['handover', 'reconnect'];
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const AGES = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

/** The table of docs/metrics.md: what there has to be for each connection, whatever happens. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string[]>>>> = {
  refreshes_total: { reason: REASONS },
  refresh_failures_total: { reason: REASONS, cause: ['error', 'timeout', 'invalid', 'cancelled'] },
  reuses_total: { kind: ['shared', 'cached', 'stale'] },
  rejections_total: {
    role: ROLES,
    error: ['violation', 'expired', 'revoked', 'timeout', 'other', 'suspected'],
  },
  connects_total: { role: ROLES, kind: ['initial', 'reconnect', 'handover'] },
  connected: { role: ROLES },
  rotations_total: { role: ROLES, mode: MODES, outcome: OUTCOMES },
  credential_expiry_timestamp_seconds: {},
  last_refresh_timestamp_seconds: {},
};
const HISTOGRAMS: Readonly<Record<string, { labels: Record<string, string[]>; bounds: number[] }>> = {
  refresh_duration_seconds: { labels: { outcome: OUTCOMES }, bounds: DURATIONS },
  rotation_duration_seconds: { labels: { role: ROLES, mode: MODES }, bounds: DURATIONS },
  credential_age_at_rotation_seconds: {
    labels: { trigger: ['expiring', 'changed', 'manual', 'lame-duck', 'rejected'] },
    bounds: AGES,
  },
};

/** What the check did to each connection, as the numbers that the metrics must show. */
export class Ledger {
  readonly #values = new Map<string, number>();

  /** All series of a connection are 0 until something is done. */
  open(connection: string): void {
    for (const [name, labels] of Object.entries(VALUES)) {
      for (const combination of combinations(labels)) this.set(name, { connection, ...combination }, 0);
    }
    for (const [name, { labels, bounds }] of Object.entries(HISTOGRAMS)) {
      for (const combination of combinations(labels)) {
        const of = { connection, ...combination };
        for (const le of [...bounds, Infinity]) this.set(`${name}_bucket`, { ...of, le: leOf(le) }, 0);
        this.set(`${name}_sum`, of, 0);
        this.set(`${name}_count`, of, 0);
      }
    }
  }

  set(name: string, labels: Labels, value: number): void {
    this.#values.set(seriesKey(`nats_auth_${name}`, labels), value);
  }

  add(name: string, labels: Labels, value = 1): void {
    const key = seriesKey(`nats_auth_${name}`, labels);
    const before = this.#values.get(key);
    if (before === undefined) throw new Error(`No series is documented as ${key}.`);
    this.#values.set(key, before + value);
  }

  observe(name: string, labels: Labels, seconds: number): void {
    for (const bound of [...(HISTOGRAMS[name]?.bounds ?? []), Infinity]) {
      if (seconds <= bound) this.add(`${name}_bucket`, { ...labels, le: leOf(bound) });
    }
    this.add(`${name}_sum`, labels, seconds);
    this.add(`${name}_count`, labels);
  }

  /** The sum of all series of a metric that have these labels. */
  total(name: string, labels: Labels): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return [...this.#values]
      .filter(([key]) => key.startsWith(`nats_auth_${name}{`) && wanted.every((label) => key.includes(label)))
      .reduce((sum, [, value]) => sum + value, 0);
  }

  /** Every series, with its number. */
  get series(): ReadonlyMap<string, number> {
    return this.#values;
  }
}

/** A series in one spelling, whatever the order of its labels. */
export function seriesKey(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([label, value]) =>
        `${label}="${label === 'le' ? leOf(Number(value.replace('+Inf', 'Infinity'))) : value}"`,
    );
  return `${name}{${pairs.join(',')}}`;
}

function leOf(bound: number): string {
  return bound === Infinity ? '+Inf' : String(bound);
}

function combinations(labels: Readonly<Record<string, string[]>>): Labels[] {
  return Object.entries(labels).reduce<Labels[]>(
    (soFar, [label, values]) => soFar.flatMap((left) => values.map((value) => ({ ...left, [label]: value }))),
    [{}],
  );
}
