import { type Metric, METRICS } from '../../../libs/metrics/index.js';
import { parsed } from './alerts.js';
import type { Row } from './row.js';
import { type RowName, ROWS } from './rows.js';

/** That it was 0 is known from the roles that lost their connection. */
const LOST = 'connected';

/** The counters of a row, which must have risen in each of its cases. */
export function seriesOf(row: RowName): string[] {
  const { metrics }: Row = ROWS[row];
  return metrics.filter((one) => !isGauge(one));
}

/** The gauges of a row, which must be higher before it is made good. */
export function gaugesOf(row: RowName): string[] {
  const { metrics }: Row = ROWS[row];
  return metrics.filter((one) => one !== LOST && isGauge(one));
}

function isGauge(series: string): boolean {
  const all: Readonly<Record<string, Metric>> = METRICS;
  return all[parsed(series).name]?.type === 'gauge';
}
