import 'reflect-metadata';

import { runDemo } from './demo/run-demo.js';

/** How many password changes `--check` makes. */
const CHECKED_CHANGES = 6;

const check = process.argv.includes('--check');
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

try {
  if (!check) console.log('Passwords change every few seconds while requests flow. Ctrl-C stops.\n');
  const result = await runDemo(check ? CHECKED_CHANGES : Infinity, stop.signal);
  console.log(`check: ${JSON.stringify(result)}`);
  if (check && (result.passwordChanges < CHECKED_CHANGES || result.failed > 0)) process.exitCode = 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
