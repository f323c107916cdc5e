import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startNatsServer } from 'nestjs-nats-auth/testing';
import { beforeAll, describe, expect, it } from 'vitest';

const USERS = 6;

/** Which of the passwords can be read in each snapshot of the heap, by their numbers. */
let found: { whileRunning: number[]; afterClose: number[] };
beforeAll(async () => {
  const seed = randomBytes(16).toString('hex');
  const passwords = Array.from({ length: USERS }, (_, n) =>
    createHash('sha256').update(`${seed} ${n}`).digest('base64url'),
  );
  const users = passwords.map((password, n) => `{ user: svc${n}, password: "${password}" }`);
  const server = await startNatsServer({ config: `authorization { users: [ ${users.join(', ')} ] }\n` });
  const folder = await mkdtemp(join(tmpdir(), 'heap-'));
  try {
    const snapshots = ['running', 'closed'].map((name) => join(folder, `${name}.heapsnapshot`));
    const child = fileURLToPath(new URL('heap-child.mjs', import.meta.url));
    const args = ['--expose-gc', child, server.url, seed, String(USERS), ...snapshots];
    await promisify(execFile)(process.execPath, args);
    const [whileRunning = [], afterClose = []] = await Promise.all(
      snapshots.map(async (path) => {
        const text = await readFile(path, 'utf8');
        return passwords.flatMap((password, n) => (text.includes(password) ? [n] : []));
      }),
    );
    found = { whileRunning, afterClose };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}, 120_000);

describe('the heap of a service that has rotated', () => {
  it('holds the password in use, which shows that the search finds what is there', () => {
    expect(found.whileRunning).toContain(USERS - 1);
  });

  it('holds no password that was replaced', () => {
    expect(found.whileRunning).toEqual([USERS - 1]);
  });

  it('holds none after the close', () => {
    expect(found.afterClose).toEqual([]);
  });
});
