import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const tool = (name: string) => fileURLToPath(new URL(`../../tools/docs/${name}`, import.meta.url));

/** The tools say what is wrong and how to mend it: that is what a failure shows. */
const passes = async (name: string, ...args: string[]) => {
  const ended = await run(process.execPath, [tool(name), ...args]).then(
    () => 'passes',
    (error: unknown) => (error as { stderr: string }).stderr,
  );
  expect(ended).toBe('passes');
};

describe.concurrent('the documentation', () => {
  it('has code blocks that all compile against the package', () => passes('snippets.mjs'));

  it('has links that lead somewhere, and a section for each error code', () => passes('links.mjs'));

  it('describes every option and environment variable as the code has them', () =>
    passes('configuration.mjs', '--check'));

  it('has the table of metrics that the code has', () => passes('metrics.mjs', '--check'));

  it('has the tables of faults that test/faults has seen', () => passes('faults.mjs', '--check'));

  it('holds a snapshot of the public API that is the present one', () =>
    passes('api-snapshot.mjs', '--check'));
});
