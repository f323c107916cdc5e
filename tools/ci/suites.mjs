// What continuous integration runs: each suite with its name, its command, and how it gets on with others. `alone`: it
// measures, and nothing may run beside it. `writes`: what it writes or reads; two suites of one kind never run side by side.
const npm = (name, ...args) => ['npm', 'run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])];
const quickBench = (name) => ({
  name,
  command: ['node', 'tools/ci/quick-bench.mjs', name.replace('bench:', '')],
  alone: true,
});

/** Comes before all others, which build nothing then. */
export const PREPARATION = {
  name: 'install and build',
  command: ['node', 'tools/prepare.mjs', 'package', 'sample', 'bench'],
};

/** In the order of their start: the longest first, what measures last. */
export const SUITES = [
  // Fewer workers than alone: another suite runs beside it.
  { name: 'test', command: ['npm', 'test', '--', '--maxWorkers', '2'], writes: 'documentation' },
  { name: 'test:faults', command: npm('test:faults') },
  { name: 'test:secrets', command: npm('test:secrets') },
  { name: 'test:servers', command: npm('test:servers') },
  { name: 'test:fuzz', command: npm('test:fuzz') },
  { name: 'demo', command: npm('demo', '--check') },
  { name: 'test:lanes', command: npm('test:lanes'), writes: 'tarball' },
  { name: 'test:page', command: npm('test:page') },
  { name: 'docs', command: npm('docs'), writes: 'documentation' },
  { name: 'check:package', command: npm('check:package'), writes: 'tarball' },
  { name: 'check:recipes', command: npm('check:recipes') },
  { name: 'check:metrics', command: npm('check:metrics'), alone: true },
  { name: 'soak', command: npm('soak', '--minutes', '3'), alone: true },
  ...[
    'bench:rotation',
    'bench:upgrade',
    'bench:metrics',
    'bench:requests',
    'bench:connect',
    'bench:fleet',
  ].map(quickBench),
];

/** The scripts of package.json that are no suite of their own, and why. */
export const NO_SUITES = {
  build: 'preparation',
  'build:sample': 'preparation',
  'build:bench': 'preparation',
  lint: 'part of test',
  types: 'part of test',
  format: 'writes',
  'test:unit': 'part of test',
  'test:docs': 'part of test',
  'test:integration': 'part of test',
  'test:drivers': 'part of test',
  'test:providers': 'part of test',
  'test:parity': 'part of test',
  'test:lanes:node': 'continuous integration runs everything on each major of Node.js',
};
