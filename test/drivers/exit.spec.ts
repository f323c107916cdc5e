import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { describe, expect, it, onTestFinished } from 'vitest';

import { startBlackHole } from '../support/black-hole.js';
import { DRIVERS } from './drivers.js';
import { serverForTest, users } from './servers.js';

const script = fileURLToPath(new URL('exit-after-close.mjs', import.meta.url));

async function blackHoleForTest() {
  const hole = await startBlackHole();
  onTestFinished(() => hole.stop());
  return hole;
}

describe.each(DRIVERS)('$label', ({ driver, packageName }) => {
  it.each([
    ['while connected', 'connected', 'closed after connect'],
    ['while the provider is resolving', 'resolving', 'closed before connect'],
    ['while it dials a server that is down', 'dialling', 'closed before connect'],
    ['while it dials an address that swallows packets', 'swallowed', 'closed before connect'],
    ['while it reconnects', 'reconnecting', 'closed after connect'],
  ])('lets the process end by itself after a close %s', async (_name, moment, expected) => {
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    if (moment === 'dialling') await server.kill();
    const url = moment === 'swallowed' ? (await blackHoleForTest()).url : server.url;
    const child = spawn(process.execPath, [script, driver.name, packageName, url, moment], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (data.toString().includes('kill')) void server.kill();
    });
    // 'exit' may be told before its last words are read: the server that is killed beside it ends in the same moment.
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    expect(output).toContain(expected);
  });
});
