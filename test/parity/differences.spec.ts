import { readdir, readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { type Difference, DIFFERENCES } from './differences.js';

const here = new URL('.', import.meta.url);

describe('the differences that are intended', () => {
  it('are the rows of docs/parity.md, each with its reason', async () => {
    const document = await readFile(new URL('../../docs/parity.md', here), 'utf8');
    const rows = document.split('\n').filter((line) => line.startsWith('| '));
    const documented = rows.slice(2).map((row) => {
      const columns = row.split(' | ').map((column) => column.replace(/^\| | \|$/g, ''));
      return `${columns[0] ?? ''}: ${columns[3] ?? ''}`;
    });
    const declared = Object.values<Difference>(DIFFERENCES).map(({ what, reason }) => `${what}: ${reason}`);
    expect(documented.sort()).toEqual(declared.sort());
  });

  it('are each observed by a scenario', async () => {
    const specs = (await readdir(here)).filter((file) => file.endsWith('.spec.ts'));
    const sources = await Promise.all(specs.map((file) => readFile(new URL(file, here), 'utf8')));
    const observed = sources.flatMap((source) => [...source.matchAll(/difference: DIFFERENCES\.(\w+)/g)]);
    expect(observed.map(([, name]) => name).sort()).toEqual(Object.keys(DIFFERENCES).sort());
  });
});
