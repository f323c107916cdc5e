import { eventually } from 'nestjs-nats-auth/testing';

import type { Performance } from './scene.js';

type Truth = Performance['truth'];

/**
 * Notes counters, by name and labels as in `rejections_total{error=violation}`; the returned function waits until each of
 * them has risen.
 */
export async function watchCounters(truth: Truth, series: readonly string[]): Promise<() => Promise<void>> {
  const before = await Promise.all(series.map((one) => value(truth, one)));
  return () => risenAbove(truth, series, before);
}

/** Waits until each counter has risen since the application was started. */
export function haveCounted(truth: Truth, series: readonly string[]): Promise<void> {
  return risenAbove(
    truth,
    series,
    series.map(() => 0),
  );
}

async function risenAbove(truth: Truth, series: readonly string[], before: readonly number[]): Promise<void> {
  await eventually(
    async () => {
      const now = await Promise.all(series.map((one) => value(truth, one)));
      const same = series.filter((_, i) => (now[i] ?? 0) <= (before[i] ?? 0));
      if (same.length > 0) throw new Error(`as before: ${same.join(', ')}`);
      return true;
    },
    { what: 'counters to rise' },
  );
}

function value(truth: Truth, series: string): Promise<number> {
  const [, name = series, labels = ''] = /^(\w+)\{(.*)\}$/.exec(series) ?? [];
  const pairs = labels.split(',').filter(Boolean);
  return truth.value(name, Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string])));
}
