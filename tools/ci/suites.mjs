import { SUITES } from '../suites.mjs';

/** Comes before all suites, which build nothing then. */
export const PREPARATION = { name: 'install and build', command: ['node', 'tools/run.mjs', 'build'] };

/** What `.ci/run` runs: the name and the command of each suite, and how it gets on with others (CiSettings). */
export const CI_SUITES = Object.entries(SUITES)
  .filter(([, { ci }]) => typeof ci === 'object')
  .map(
    ([
      name,
      {
        ci: { args = [], ...settings },
      },
    ]) => ({ name, command: commandOf(name, args), ...settings }),
  );

/** A bench runs in its quick form. */
function commandOf(name, args) {
  if (name.startsWith('bench:')) return ['node', 'tools/ci/quick-bench.mjs', name.replace('bench:', '')];
  return ['node', 'tools/run.mjs', name, ...args];
}
