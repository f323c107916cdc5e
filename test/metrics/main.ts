// Runs a service with our transport under a real Prometheus, does to it what happens in production, and compares every
// series with what was done. Option: --picture FILE writes the dashboard's panels as an SVG.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { eventually, freePort } from 'nestjs-nats-auth/testing';

import { BEHIND_PROXY, castOf, DIRECT } from './cast.js';
import { compareClaims, comparePlayed, compareSeries, printRows } from './compare.js';
import { fillDashboard } from './dashboard.js';
import { Ledger } from './ledger.js';
import { drawDashboard } from './picture.js';
import { play } from './play.js';
import { findPrometheus } from './prometheus/find-prometheus.js';
import { Prometheus } from './prometheus/prometheus.js';
import { promtool } from './promtool.js';
import { setStage } from './scenarios/stage.js';
import { createService } from './service.js';

const SCRAPE_MS = 500;
const { values: options } = parseArgs({ options: { picture: { type: 'string' } } });
// Seen from dist/test/metrics.
const repository = new URL('../../../../../', import.meta.url);
const file = (path: string) => fileURLToPath(new URL(path, repository));
const RULES = file('ops/prometheus/nats-auth.rules.yml');
const RULE_TESTS = file('ops/prometheus/nats-auth.rules.test.yml');
const DASHBOARD = file('ops/grafana/nats-auth.dashboard.json');

const binaries = await findPrometheus();
console.log(`Prometheus ${binaries.version}`);
await promtool(binaries.promtool, ['check', 'rules', RULES]);
await promtool(binaries.promtool, ['test', 'rules', RULE_TESTS]);
console.log('promtool: the alerting rules are in order, and their unit tests pass');

const ledger = new Ledger();
const stage = await setStage([...DIRECT, ...BEHIND_PROXY], BEHIND_PROXY);
const cast = castOf(ledger, stage);
const port = await freePort();
const app = await createService(cast, port);
const target = `127.0.0.1:${port}`;
const prometheus = await Prometheus.start(binaries, { target, everyMs: SCRAPE_MS, rules: RULES });
try {
  process.exitCode = (await check()) ? 0 : 1;
} finally {
  await prometheus.stop();
  await app.close();
  await stage.stop();
}

async function check(): Promise<boolean> {
  await eventually(async () => (await prometheus.query('up == 1')).length > 0, { what: 'the first scrape' });
  const from = Date.now();
  console.log('\nWhat is done:');
  await play(cast, app, stage, () => scraped(2));

  // A rate needs more than one sample of what came last.
  await scraped(4);
  const rows = compareSeries(ledger, await prometheus.query('{__name__=~"nats_auth_.+"}'));
  console.log(`\nWhat Prometheus has of it:`);
  printRows(rows);
  const claims = compareClaims(ledger, Object.values(cast));
  console.log('\nWhat must fit together:');
  printRows(claims);
  const played = comparePlayed(ledger);

  const text = await (await fetch(`http://${target}/metrics`, { headers: { accept: 'text/plain' } })).text();
  await promtool(binaries.promtool, ['check', 'metrics'], text);
  console.log('\npromtool check metrics: no complaint');
  await checkRules();
  await checkDashboard(from);

  const wrong = [...rows, ...claims, ...played].filter(({ agrees }) => !agrees);
  const other = rows.filter(({ got }) => got !== 0).length;
  console.log(`\n${rows.length} series, ${other} of them other than 0; ${wrong.length} do not agree`);
  if (wrong.length > 0) printRows(wrong);
  return wrong.length === 0;
}

/** Waits until Prometheus has scraped `times` more times. */
async function scraped(times: number): Promise<void> {
  const from = Date.now();
  const last = async () => (await prometheus.query('max(timestamp(up))'))[0]?.values[0]?.[1] ?? 0;
  await eventually(async () => (await last()) * 1_000 > from + (times - 1) * SCRAPE_MS, {
    what: `${times} scrapes`,
  });
}

/** Each alerting rule is one that this Prometheus can evaluate on what it scraped. */
async function checkRules(): Promise<void> {
  const rules = await eventually(
    async () => {
      const all = await prometheus.rules();
      return all.length > 0 && all.every(({ health }) => health !== 'unknown') ? all : undefined;
    },
    { what: 'the evaluation of the alerting rules' },
  );
  const broken = rules.filter(({ health }) => health !== 'ok');
  if (broken.length > 0) throw new Error(`Alerting rules fail: ${JSON.stringify(broken)}`);
  console.log(`${rules.length} alerting rules evaluate`);
}

async function checkDashboard(from: number): Promise<void> {
  const to = Date.now();
  const panels = await fillDashboard(DASHBOARD, prometheus, { from, to, scrapeMs: SCRAPE_MS });
  console.log(`${panels.length} panels of the dashboard have data`);
  const svg = drawDashboard(
    'NATS credentials (nestjs-nats-auth), during npm run check:metrics',
    panels,
    from,
    to,
  );
  if (options.picture) await writeFile(options.picture, svg);
}
