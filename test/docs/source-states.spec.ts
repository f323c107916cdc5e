import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { INITIAL } from '../../libs/credentials/source/source-state.js';
import { transitions } from '../../libs/credentials/source/source-state.fixture.js';

it('how-it-works.md draws the states of a credential source as the code has them', async () => {
  const text = await readFile(new URL('../../docs/how-it-works.md', import.meta.url), 'utf8');
  const [, diagram = ''] = /## States of a credential source.*?stateDiagram-v2\n(.*?)```/s.exec(text) ?? [];
  const drawn = diagram
    .trim()
    .split('\n')
    .map((line) => line.trim());
  expect(drawn.sort()).toEqual([`[*] --> ${INITIAL.name}`, ...transitions()].sort());
});
