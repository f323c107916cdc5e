// Every script of package.json, stated once: `npm run <name>` runs it (run.mjs), and `.ci/run` runs most of them (ci/suites.mjs).

/**
 * @typedef {object} Suite
 * @property {string[]} [builds] What is built before it: package, sample, bench (prepare.mjs).
 * @property {string[]} run Its commands, words with spaces between them, environment variables first. Arguments of the script go
 *   to the last.
 * @property {string | CiSettings} ci How `.ci/run` runs it, or why it is no suite there.
 *
 * @typedef {object} CiSettings
 * @property {string[]} [args] Arguments that it gets there.
 * @property {boolean} [alone] It measures: nothing may run beside it.
 * @property {string} [writes] What it writes or reads: two suites of one kind never run side by side.
 */

const PART_OF_TEST = 'part of test';

const lint = ['eslint .', 'prettier --check --log-level warn .'];
const types = ['tsc -p tsconfig.json --noEmit'];

const bench = (name, args = []) => ({
  builds: ['package', 'bench'],
  run: [`node bench/dist/bench/${name}/main.js`],
  ci: { args, alone: true },
});

/**
 * In the order in which `.ci/run` starts them: the longest first, what measures last.
 * @type {Record<string, Suite>}
 */
export const SUITES = {
  test: {
    builds: ['package'],
    run: [...lint, ...types, 'vitest run'],
    // Fewer workers than alone: another suite runs beside it.
    ci: { args: ['--maxWorkers', '2'], writes: 'documentation' },
  },
  lint: { run: lint, ci: PART_OF_TEST },
  types: { run: types, ci: PART_OF_TEST },
  'test:unit': { run: ['vitest run --project unit'], ci: PART_OF_TEST },
  'test:docs': { run: ['vitest run --project docs'], ci: PART_OF_TEST },
  'test:integration': { run: ['vitest run --project integration'], ci: PART_OF_TEST },
  'test:drivers': { builds: ['package'], run: ['ROWS=1 vitest run --project drivers'], ci: PART_OF_TEST },
  'test:providers': { builds: ['package'], run: ['ROWS=1 vitest run --project providers'], ci: PART_OF_TEST },
  'test:parity': {
    run: [
      'vitest run --project parity --maxWorkers 2 --reporter default --reporter ./test/parity/harness/table-reporter.ts',
    ],
    ci: PART_OF_TEST,
  },
  'test:faults': {
    run: [
      'ROWS=1 vitest run --project faults --maxWorkers 2 --reporter ./test/reporters/rows-reporter.ts --reporter ./test/faults/table/table-reporter.ts',
    ],
    ci: {},
  },
  'test:secrets': {
    builds: ['package', 'sample'],
    run: ['ROWS=1 vitest run --project secrets --maxWorkers 2'],
    ci: {},
  },
  'test:servers': {
    builds: ['package'],
    run: ['oldest', 'newest'].map((release) => `NATS_RELEASE=${release} vitest run --project drivers`),
    ci: {},
  },
  'test:jetstream': {
    builds: ['package'],
    run: ['vitest run --project jetstream --maxWorkers 2'],
    ci: { writes: 'tarball' },
  },
  'test:callout': {
    builds: ['package'],
    run: ['ROWS=1 vitest run --project callout --maxWorkers 2'],
    ci: {},
  },
  'test:tracing': {
    builds: ['package'],
    run: ['vitest run --project tracing --maxWorkers 2'],
    ci: { writes: 'tarball' },
  },
  'test:fuzz': { run: ['ROWS=1 vitest run --project fuzz --maxWorkers 2'], ci: {} },
  demo: { builds: ['package', 'sample'], run: ['node sample-app/dist/main.js'], ci: { args: ['--check'] } },
  'test:lanes': { builds: ['package'], run: ['node tools/lanes/run.mjs'], ci: { writes: 'tarball' } },
  'test:examples': {
    builds: ['package'],
    run: ['node tools/examples/run.mjs'],
    ci: { writes: 'tarball' },
  },
  'test:lanes:node': {
    builds: ['package'],
    run: ['node tools/lanes/run-on-node.mjs 22 24'],
    ci: 'continuous integration runs everything on each major of Node.js',
  },
  'test:page': { builds: ['package', 'sample'], run: ['vitest run --project page --bail 1'], ci: {} },
  docs: {
    run: [
      'node tools/docs/configuration.mjs',
      'node tools/docs/metrics.mjs',
      'node tools/docs/faults.mjs',
      'node tools/docs/api-snapshot.mjs',
      'typedoc',
    ],
    ci: { writes: 'documentation' },
  },
  'docs:site': { run: ['node tools/docs/site.mjs', 'vitest run --project site'], ci: {} },
  'check:package': { builds: ['package'], run: ['node tools/check-package.mjs'], ci: { writes: 'tarball' } },
  'check:release': {
    run: ['node tools/check-release.mjs'],
    ci: 'fails until a version is ready and the addresses of the repository and the site are known',
  },
  'check:recipes': { run: ['node tools/check-recipes.mjs'], ci: {} },
  'check:metrics': {
    builds: ['package'],
    run: ['tsc -p test/metrics', 'node test/metrics/dist/test/metrics/main.js'],
    ci: { alone: true },
  },
  soak: bench('soak', ['--minutes', '3']),
  'bench:rotation': bench('rotation'),
  'bench:upgrade': bench('upgrade'),
  'bench:metrics': bench('metrics'),
  'bench:requests': bench('requests'),
  'bench:connect': bench('connect'),
  'bench:fleet': bench('fleet'),
  'bench:jetstream': bench('jetstream'),
  'bench:callout': bench('callout'),
  build: { builds: ['package', 'sample', 'bench'], run: [], ci: 'preparation' },
  prepare: { builds: ['package'], run: [], ci: 'npm runs it where an example installs this folder' },
  format: { run: ['prettier --write --log-level warn .'], ci: 'writes' },
};
