import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

const alias = {
  'nestjs-nats-auth/providers': new URL('./libs/providers/index.ts', import.meta.url).pathname,
  'nestjs-nats-auth/callout': new URL('./src/callout/index.ts', import.meta.url).pathname,
  'nestjs-nats-auth/testing': new URL('./libs/testing/index.ts', import.meta.url).pathname,
  'nestjs-nats-auth': new URL('./src/index.ts', import.meta.url).pathname,
};

/** One project for each kind of test, so that `npm run test:unit` needs no server. */
const project = (name: string, include: string[], options: object = {}) => ({
  resolve: { alias },
  test: { name, include, pool: 'forks' as const, testTimeout: 60_000, hookTimeout: 120_000, ...options },
});

const rows = './test/reporters/rows-reporter.ts';

/** Suites that take minutes: part of a run only when it names them. */
const onDemand = [
  // One browser at a time: the services of the sample have deadlines.
  project('page', ['test/page/**/*.spec.ts'], { fileParallelism: false }),
  project('site', ['test/site/**/*.spec.ts']),
  project('faults', ['test/faults/**/*.spec.ts']),
  project('secrets', ['test/secrets/**/*.spec.ts']),
  project('jetstream', ['test/jetstream/**/*.spec.ts']),
  project('callout', ['test/callout/**/*.spec.ts']),
  project('tracing', ['test/tracing/**/*.spec.ts']),
  project('fuzz', ['test/fuzz/**/*.spec.ts'], { testTimeout: 300_000 }),
].filter(({ test }) => process.argv.includes(test.name));

/** Tests wait for servers most of the time, so that even one core has time for three. */
const maxWorkers = Math.max(3, availableParallelism() - 1);

export default defineConfig({
  test: {
    maxWorkers,
    reporters: process.env['ROWS'] ? [rows] : ['default', rows],
    projects: [
      project('unit', ['libs/**/*.spec.ts', 'src/**/*.spec.ts']),
      // One compiles every code block of the documentation, beside other suites.
      project('docs', ['test/docs/**/*.spec.ts'], { testTimeout: 240_000 }),
      project('integration', ['test/integration/**/*.spec.ts']),
      project('drivers', ['test/drivers/**/*.spec.ts']),
      project('providers', ['test/providers/**/*.spec.ts']),
      project('parity', ['test/parity/**/*.spec.ts'], {
        // Loading NestJS anew for each file takes longer than its tests.
        isolate: false,
        setupFiles: ['./test/parity/harness/setup.ts'],
      }),
      ...onDemand,
    ],
  },
});
