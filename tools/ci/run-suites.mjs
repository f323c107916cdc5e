import { runSuite } from './run-suite.mjs';

/**
 * Runs the suites, at most `width` side by side, and gives the result of each in their order (see `runSuite()`). Those that
 * were not begun when `signal` aborts are `not run`.
 */
export async function runSuites(suites, { width, say, ...how }) {
  const waiting = [...suites];
  const running = new Map();
  const results = new Map();
  for (;;) {
    const suite = how.signal.aborted ? undefined : next(waiting, [...running.keys()], width);
    if (suite) {
      waiting.splice(waiting.indexOf(suite), 1);
      say(`${suite.name} …`);
      running.set(
        suite,
        runSuite(suite, how).then((result) => ({ suite, result })),
      );
    } else if (running.size > 0) {
      const { suite, result } = await Promise.race(running.values());
      running.delete(suite);
      results.set(suite, result);
      say(`${suite.name}: ${result.result} after ${Math.round(result.ms / 1_000)} s`);
    } else {
      return suites.map((suite) => results.get(suite) ?? notRun(suite));
    }
  }
}

export function notRun({ name }) {
  return { name, result: 'not run', ms: 0 };
}

/** The first suite that waits and may run beside those that run. */
export function next(waiting, running, width) {
  if (running.length >= width || running.some(({ alone }) => alone)) return undefined;
  const mayRun = ({ alone, writes }) =>
    alone ? running.length === 0 : !writes || running.every((other) => other.writes !== writes);
  return waiting.find(mayRun);
}
