import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { type Metric, METRICS } from '../../libs/metrics/index.js';
import { ALERTS, parsed } from '../faults/table/alerts.js';
import { readObserved } from '../faults/table/observed.js';
import type { Row } from '../faults/table/row.js';
import { ROWS } from '../faults/table/rows.js';
import { selectors } from './promql.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = Object.entries<Row>(ROWS);
const metrics = new Map(Object.entries<Metric>(METRICS));

describe('the table of faults in docs/operations.md', () => {
  it('has a row for each fault that rows.ts describes, and no other', () => {
    expect(Object.keys(readObserved())).toEqual(rows.map(([name]) => name));
  });

  it.each(rows)('says what to do, and names only series that exist: %s', (_, { todo, metrics: series }) => {
    expect(todo.length).toBeGreaterThan(0);
    for (const { name, labels } of series.map(parsed)) {
      const metric = metrics.get(name);
      expect(metric, name).toBeDefined();
      for (const [label, value] of Object.entries(labels))
        expect(metric?.labels[label], name).toContain(value);
    }
  });

  it('knows each alert of ops/prometheus, and what it looks at', async () => {
    const rules = await readFile(`${root}ops/prometheus/nats-auth.rules.yml`, 'utf8');
    const alerts = new Map(
      rules
        .split('- alert: ')
        .slice(1)
        .map((rule) => [rule.split('\n')[0] ?? '', rule]),
    );
    // The suite of faults has no auth callout of this package: check:metrics plays what its alerts look at.
    const played = [...alerts.keys()].filter((alert) => !alert.startsWith('NatsAuthCallout'));
    expect(Object.keys(ALERTS).sort()).toEqual(played.sort());
    for (const [alert, groups] of Object.entries(ALERTS))
      for (const { metric, is = {}, not = {} } of groups.flat()) {
        const matching = selectors(alerts.get(alert) ?? '').filter(
          ({ name, matchers }) =>
            name === `nats_auth_${metric}` &&
            Object.entries({ ...is, ...not }).every(([label, value]) =>
              matchers.some((one) => one.label === label && one.values.includes(value)),
            ),
        );
        expect(matching, `${metric} in ${alert}`).not.toEqual([]);
      }
  });
});
