import { readFile } from 'node:fs/promises';

import type { Prometheus, Series } from './prometheus/prometheus.js';

/** A panel of the dashboard with what its queries gave. */
export interface FilledPanel {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly (Series & { readonly legend: string })[];
}

interface Target {
  readonly expr: string;
  readonly legendFormat?: string;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: unknown }[] };
}

/** Looks back as far as Grafana's `$__rate_interval` would: four scrapes. */
const SCRAPES_PER_RATE = 4;

/**
 * Runs every query of a dashboard over a time, as Grafana would with all variables at `All`.
 * @throws {Error} for a query that gives no data.
 */
export async function fillDashboard(
  file: string,
  prometheus: Prometheus,
  { from, to, scrapeMs }: { from: number; to: number; scrapeMs: number },
): Promise<FilledPanel[]> {
  const dashboard = JSON.parse(await readFile(file, 'utf8')) as Dashboard;
  const panels: FilledPanel[] = [];
  for (const { title, targets = [], fieldConfig } of dashboard.panels) {
    const series: FilledPanel['series'][number][] = [];
    for (const { expr, legendFormat = '' } of targets) {
      const query = withVariables(expr, dashboard, `${(SCRAPES_PER_RATE * scrapeMs) / 1_000}s`, to - from);
      const answer = await prometheus.queryRange(query, from, to, scrapeMs);
      if (!answer.some(({ values }) => values.some(([, value]) => Number.isFinite(value))))
        throw new Error(`Panel '${title}' has no data: ${query}`);
      series.push(...answer.map((one) => ({ ...one, legend: legendOf(legendFormat, one.labels) })));
    }
    if (targets.length > 0) panels.push({ title, unit: fieldConfig?.defaults?.unit ?? 'short', series });
  }
  return panels;
}

function withVariables(
  expr: string,
  { templating }: Dashboard,
  rateInterval: string,
  rangeMs: number,
): string {
  const known = templating.list.reduce(
    (query, { name }) => query.replaceAll(`$${name}`, '.*'),
    expr
      .replaceAll('$__rate_interval', rateInterval)
      .replaceAll('$__range', `${Math.ceil(rangeMs / 1_000)}s`),
  );
  if (known.includes('$')) throw new Error(`A variable of this query is not declared: ${expr}`);
  return known;
}

function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
}
