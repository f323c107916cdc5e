import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { type Metric, METRICS } from '../../libs/metrics/index.js';
import { CALLOUT_METRICS } from '../../src/callout/metrics/table.js';
import { outputLabels, selectors } from './promql.js';

/** Metrics that no panel shows, with the reason. */
const NOT_ON_THE_DASHBOARD: Readonly<Record<string, string>> = {};

/** What a scrape adds, beside the label that each of our series has. */
const EVERYWHERE = ['connection', 'job', 'instance'];

const PREFIX = 'nats_auth_';
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const dashboardText = read('ops/grafana/nats-auth.dashboard.json');
const rulesText = read('ops/prometheus/nats-auth.rules.yml');
const rules = rulesText.split('- alert: ').slice(1);
const metrics = new Map(Object.entries<Metric>({ ...METRICS, ...CALLOUT_METRICS }));

const { panels } = JSON.parse(dashboardText) as {
  panels: { type: string; title: string; targets?: { expr: string; legendFormat: string }[] }[];
};

/** Every query that is shipped, and the labels that its text shows of the answer. */
const queries = [
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      of: `panel '${title}'`,
      expr,
      shows: labelsIn(legendFormat, /\{\{\s*(\w+)\s*\}\}/g),
    })),
  ),
  ...rules.map((rule) => ({
    of: `alert ${nameOf(rule)}`,
    expr: /expr: \|?([\s\S]*?)\n +(for|labels):/.exec(rule)?.[1]?.trim() ?? '',
    shows: labelsIn(rule, /\$labels\.(\w+)/g),
  })),
];

describe('the dashboard and the alerting rules', () => {
  it('are read whole: each panel and each rule has a query', () => {
    expect(queries.filter(({ expr }) => selectors(expr).length === 0)).toEqual([]);
    const drawn = panels.filter(({ type }) => type !== 'row');
    expect(queries.length).toBeGreaterThanOrEqual(drawn.length + rules.length);
  });

  it.each([...metrics.keys()])('show %s in a panel, or say why not', (name) => {
    const shown = panels.some(({ targets = [] }) =>
      targets.some(({ expr }) => selectors(expr).some((selector) => metricOf(selector.name)?.name === name)),
    );
    expect(shown || NOT_ON_THE_DASHBOARD[name]).toBeTruthy();
    expect(shown && NOT_ON_THE_DASHBOARD[name]).toBeFalsy();
  });

  it.each(queries)('name only metrics, labels and values that exist: $of', ({ expr }) => {
    expect(selectors(expr).flatMap(problemsOf)).toEqual([]);
  });

  it.each(queries)('show only labels that the answer has: $of', ({ expr, shows }) => {
    const has = outputLabels(expr, (name) => ['le', ...EVERYWHERE, ...labelsOf(name)]);
    expect(shows.filter((label) => !has.includes(label))).toEqual([]);
  });

  it('name only series that exist in the variables, in the unit tests of the rules, and in docs/metrics.md', () => {
    const texts = [dashboardText, read('ops/prometheus/nats-auth.rules.test.yml'), read('docs/metrics.md')];
    const lines = texts.flatMap((text) => text.split('\n'));
    expect(lines.flatMap(selectors).flatMap(problemsOf)).toEqual([]);
  });

  it('have a section for each alert that says what to do', () => {
    const document = read('docs/metrics.md');
    for (const rule of rules) {
      expect(document).toContain(`\n### ${nameOf(rule)}\n`);
      expect(rule).toContain(`section ${nameOf(rule)}\n`);
    }
  });
});

/** The metric that a series belongs to; those of a histogram have endings. */
function metricOf(series: string): (Metric & { readonly name: string }) | undefined {
  const name = series.slice(PREFIX.length);
  const base = name.replace(/_(bucket|sum|count)$/, '');
  const metric = metrics.get(base);
  return metric && (metric.type === 'histogram') === (base !== name) ? { ...metric, name: base } : undefined;
}

function labelsOf(series: string): string[] {
  return Object.keys(metricOf(series)?.labels ?? {});
}

function problemsOf({ name, matchers, by }: ReturnType<typeof selectors>[number]): string[] {
  const metric = metricOf(name);
  if (!metric) return [`there is no series ${name}`];
  const known = [...EVERYWHERE, ...Object.keys(metric.labels), ...(name.endsWith('_bucket') ? ['le'] : [])];
  return [
    ...[...by, ...matchers.map(({ label }) => label)]
      .filter((label) => !known.includes(label))
      .map((label) => `${name} has no label '${label}'`),
    ...matchers.flatMap(({ label, values }) =>
      values
        .filter((value) => metric.labels[label] && !metric.labels[label].includes(value))
        .map((value) => `${name} has no ${label}="${value}"`),
    ),
  ];
}

function labelsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, label]) => label ?? []);
}

function nameOf(rule: string): string {
  return rule.split('\n')[0] ?? '';
}
