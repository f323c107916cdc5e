// A day of a fleet in virtual time: requests to the identity provider of service instances with one-hour tokens, through an
// outage of the provider and a restart of the cluster. The policies are the package's own code; chance is seeded.
// Options: --instances N, --svg FILE, --quick (a tenth of the instances, no drawing), --json.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { RefreshOptions } from '../../libs/credentials/index.js';
import { printColumns } from '../columns.js';
import { simulateDay } from './simulate.js';
import { drawCurves } from './svg.js';
import { loadIn, perMinute, WINDOWS } from './windows.js';

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '10000' },
    svg: { type: 'string', default: fileURLToPath(new URL('../../../../docs/fleet.svg', import.meta.url)) },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const SCENARIOS: { name: string; refresh: RefreshOptions }[] = [
  { name: 'with jitter (default)', refresh: {} },
  { name: 'without jitter', refresh: { ahead: { jitter: 0 } } },
  { name: 'with jitter and refresh.reuse of 5 minutes', refresh: { reuse: 300_000 } },
];

const instances = values.quick ? 1_000 : Number(values.instances);
const days = [];
for (const { name, refresh } of SCENARIOS)
  days.push({ name, perSecond: await simulateDay(instances, refresh) });
const rows = days.flatMap(({ name, perSecond }) =>
  WINDOWS.map((window) => ({ scenario: name, window: window.name, ...loadIn(window, perSecond, instances) })),
);
if (!values.quick) {
  const panels = days.map(({ name, perSecond }) => ({
    title: `${name}: requests/s to the identity provider, ${instances.toLocaleString('en')} instances`,
    perMinute: perMinute(perSecond),
  }));
  await writeFile(values.svg, drawCurves(panels));
}
if (values.json) {
  console.log(JSON.stringify({ instances, rows }));
} else {
  printColumns(
    [
      ...['policy', 'part of the day', 'mean/s', 'busiest minute/s', 'busiest second', 'peak minute ÷ mean'],
      ...['for each instance', 'busiest second ÷ fleet'],
    ],
    rows.map(({ scenario, window, mean, peakMinute, peakSecond, peakToMean, ...ofFleet }) => [
      ...[scenario, window, mean, peakMinute, peakSecond, peakToMean],
      ...[ofFleet.perInstance, ofFleet.peakSecondToFleet],
    ]),
  );
}
