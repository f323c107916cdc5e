import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

/** A script of package.json. */
interface Script {
  readonly builds?: readonly string[];
  readonly run: readonly string[];
  readonly ci: string | object;
}

interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly alone?: boolean;
  readonly writes?: string;
  readonly timeLimitMs?: number;
}

interface Result {
  readonly name: string;
  readonly result: string;
  readonly log?: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const load = (module: string): Promise<unknown> => import(join(root, 'tools/ci', module));
const { SUITES } = (await load('../suites.mjs')) as { SUITES: Readonly<Record<string, Script>> };
const { CI_SUITES } = (await load('suites.mjs')) as { CI_SUITES: readonly Suite[] };
const { next, runSuites } = (await load('run-suites.mjs')) as {
  next: (waiting: readonly Suite[], running: readonly Suite[], width: number) => Suite | undefined;
  runSuites: (suites: readonly Suite[], how: object) => Promise<readonly Result[]>;
};
const { report } = (await load('report.mjs')) as { report: (results: readonly Result[]) => boolean };
const { BENCH_SHAPES, shapeProblems } = (await load('bench-shapes.mjs')) as {
  BENCH_SHAPES: Readonly<Record<string, unknown>>;
  shapeProblems: (value: unknown, shape: unknown) => readonly string[];
};

const node = (name: string, script: string): Suite => ({ name, command: [process.execPath, '-e', script] });

/** Runs the suites in a folder of their own. */
async function run(suites: readonly Suite[], signal = new AbortController().signal) {
  const folder = await mkdtemp(join(tmpdir(), 'ci-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return runSuites(suites, { root, logs: folder, signal, width: 2, say: () => {} });
}

/** Nobody may collect what has ended in a container. */
const isRunning = (pid: number) =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !/\) [ZX] /.test(stat),
    () => false,
  );

describe('.ci/run', () => {
  it('runs every script of package.json, or the list says why not', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const stated = Object.keys(SUITES).map((name) => [name, `node tools/run.mjs ${name}`]);
    expect(scripts).toEqual(Object.fromEntries(stated));
    const left = Object.keys(SUITES).filter((name) => !CI_SUITES.some((suite) => suite.name === name));
    expect(left.filter((name) => typeof SUITES[name]?.ci !== 'string')).toEqual([]);
  });

  it('leaves to `npm test` only what that runs', async () => {
    const { default: config } = (await import('../../vitest.config.js')) as unknown as {
      default: { test: { projects: { test: { name: string } }[] } };
    };
    const commands = [
      ...(SUITES['test']?.run ?? []),
      ...config.test.projects.map(({ test }) => `vitest run --project ${test.name}`),
    ];
    const isRun = (command: string) =>
      commands.some((run) => `${command} `.replace('ROWS=1 ', '').startsWith(`${run} `));
    const others = Object.entries(SUITES).filter(([, { ci }]) => ci === 'part of test');
    expect(others.length).toBeGreaterThan(1);
    for (const [name, { run }] of others)
      expect(
        run.filter((command) => !isRun(command)),
        name,
      ).toEqual([]);
  });

  it('has each bench in its quick form, and knows the shape of its JSON', () => {
    const benches = CI_SUITES.filter(({ name }) => name.startsWith('bench:')).map(({ name }) =>
      name.slice(6),
    );
    expect(Object.keys(BENCH_SHAPES).sort()).toEqual([...benches].sort());
  });

  it('runs what measures alone, and the others side by side', () => {
    const measures = CI_SUITES.filter(({ alone }) => alone).map(({ name }) => name);
    const meant = CI_SUITES.filter(({ name }) => /^(bench:|soak$|check:metrics$)/.test(name));
    expect(measures).toEqual(meant.map(({ name }) => name));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, command: [] }));
    const alone = { name: 'alone', command: [], alone: true };
    if (!a || !b || !c) throw new Error('unreachable');
    expect(next([alone, a], [b], 2)).toBe(a);
    expect(next([a], [alone], 2)).toBeUndefined();
    expect(next([alone], [], 2)).toBe(alone);
    expect(next([a], [b, c], 2)).toBeUndefined();
  });

  it('keeps apart what writes the same files', () => {
    const suites = ['a', 'b'].map((name) => ({ name, command: [], writes: 'tarball' }));
    const other = { name: 'other', command: [] };
    expect(next([...suites.slice(1), other], suites.slice(0, 1), 2)).toBe(other);
  });

  it('goes on after a suite that fails, cannot start or hangs, and keeps the output of each', async () => {
    const results = await run([
      node('fails', 'console.log("said"); console.error("cried"); process.exit(3)'),
      { name: 'cannot start', command: ['/nowhere/program'] },
      { ...node('hangs', 'setInterval(() => {}, 1_000)'), timeLimitMs: 200 },
      node('passes', 'console.log("fine")'),
    ]);
    expect(results.map(({ name, result }) => `${name}: ${result}`)).toEqual([
      'fails: failed',
      'cannot start: failed',
      'hangs: timed out',
      'passes: passed',
    ]);
    expect(await readFile(results[0]?.log ?? '', 'utf8')).toBe('said\ncried\n');
    expect(await readFile(results[1]?.log ?? '', 'utf8')).toMatch(/ENOENT/);
  });

  it('ends all that it started when it is interrupted, and begins nothing more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ci-pids-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const pids = join(folder, 'pids');
    const grandchild = `require('fs').appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); setInterval(() => {}, 1_000)`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1_000)`;
    await writeFile(pids, '');
    const interrupted = new AbortController();
    const running = run([node('one', child), node('two', child), node('three', child)], interrupted.signal);
    const started = async () => (await readFile(pids, 'utf8')).trim().split('\n').map(Number);
    await eventually(async () => (await started()).length === 2, { what: 'two suites to run' });
    interrupted.abort();
    expect((await running).map(({ result }) => result)).toEqual(['interrupted', 'interrupted', 'not run']);
    for (const pid of await started()) expect(await isRunning(pid)).toBe(false);
  });

  it('closes with the output of what failed, a table, and a line of how many passed', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line = '') => lines.push(String(line)));
    onTestFinished(() => void vi.restoreAllMocks());
    const many = 'for (let i = 1; i <= 150; i++) console.log("line " + i); process.exit(1)';
    const results = await run([node('good', ''), node('bad', many)]);
    expect(report(results)).toBe(false);
    const printed = lines.join('\n');
    expect(printed).toContain(results[1]?.log ?? 'a log');
    expect(printed).toMatch(/^line 51$/m);
    expect(printed).not.toMatch(/^line 50$/m);
    expect(printed).toMatch(/^suite +result +time$/m);
    expect(printed).toMatch(/^bad +failed +0 min \d\d s$/m);
    expect(lines.at(-1)?.trim()).toBe('1 passed, 1 failed');
    expect(report(results.slice(0, 1))).toBe(true);
  });
});

describe('npm run', () => {
  const run = (name: string, args: readonly string[] = []) =>
    promisify(execFile)(process.execPath, [join(root, 'tools/run.mjs'), name, ...args], {
      env: { ...process.env, PREPARED: '1' },
    });

  it('hands its arguments to the last command of the script', async () => {
    const { stdout } = await run('types', ['--showConfig']);
    expect(JSON.parse(stdout)).toHaveProperty('compilerOptions');
  });

  it('ends as the first command ends that fails', async () => {
    await expect(run('types', ['--no-such-option'])).rejects.toMatchObject({ code: 1 });
    await expect(run('unheard-of')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/No suite is named unheard-of; there are test, /) as string,
    });
  });
});

describe('the shape of a bench’s JSON', () => {
  const shape = { rows: [{ name: 'string', figures: { p50: 'number' } }] };

  it('is that of the keys and types, whatever the figures are', () => {
    const rows = [{ name: 'a', figures: { p50: 0 } }];
    expect(shapeProblems({ rows, more: true }, shape)).toEqual([]);
  });

  it('names each place that differs', () => {
    const rows = [{ name: 1, figures: { p50: null } }, { name: 'b' }];
    expect(shapeProblems({ rows }, shape)).toEqual([
      'result.rows[0].name: expected string, got 1',
      'result.rows[0].figures.p50: expected number, got null',
      'result.rows[1].figures: expected object, got undefined',
    ]);
    expect(shapeProblems({ rows: [] }, shape)).toEqual([
      'result.rows: expected an array with elements, got []',
    ]);
  });
});
