import 'reflect-metadata';

import { once } from 'node:events';

import { check, type CheckResult } from './demo/check.js';
import { narrate, say } from './demo/narrate.js';
import { System } from './demo/system.js';

const unattended = process.argv.includes('--check');
/** An unattended run has less time. */
const TOKEN_LIFETIME_MS = unattended ? 10_000 : 15_000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const system = new System({
  tokenLifetimeMs: TOKEN_LIFETIME_MS,
  preferredPort: Number(process.env['PORT'] ?? 3_000),
  say: (text) => say('start', text),
});
let result: CheckResult | undefined;
let endNarration = () => {};
try {
  await system.start(stop.signal);
  say('start', `page ${system.url}   metrics ${system.url}/metrics   health ${system.url}/health`);
  if (!unattended) say('start', 'Ctrl-C stops everything.');
  endNarration = narrate(system);
  if (unattended) result = await check(system, TOKEN_LIFETIME_MS, stop.signal);
  else await once(stop.signal, 'abort');
} catch (error) {
  if (!stop.signal.aborted) console.error(error);
  process.exitCode = 1;
} finally {
  endNarration();
  say('stop', 'ending all parts');
  await system.close();
}
if (result) {
  console.log(`check: ${JSON.stringify(result)}`);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
}
