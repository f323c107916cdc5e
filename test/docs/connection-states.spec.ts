import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { dialTransitions } from '../../libs/connection/dialling/dial-step.fixture.js';
import { transitions } from '../../libs/connection/link.fixture.js';
import { lifeTransitions } from '../../libs/connection/rotation/life.fixture.js';

it('how-it-works.md draws the life of connections and their links as the code has them', async () => {
  const text = await readFile(new URL('../../docs/how-it-works.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((one) => one.startsWith('States of a connection')) ?? '';
  const diagrams = [...section.matchAll(/stateDiagram-v2\n(.*?)```/gs)].map(([, lines = '']) =>
    lines
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .sort(),
  );
  const drawn = [
    ['[*] --> idle', ...lifeTransitions()],
    ['[*] --> idle', ...transitions()],
    ['[*] --> between', ...dialTransitions()],
  ].map((lines) => lines.sort());
  expect(diagrams).toEqual(drawn);
});
