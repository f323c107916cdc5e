import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, it, onTestFinished } from 'vitest';

import { TestFolder } from '../../../libs/providers/files/files.fixture.js';

const script = fileURLToPath(new URL('exit-while-watching.mjs', import.meta.url));

it('lets the process end by itself while a file is watched', async () => {
  const path = await (await TestFolder.make()).write('token', 'first');
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  // 'exit' may be told before its last words are read.
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, output }).toEqual({ code: 0, output: 'watching\n' });
});
