import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { UserInfo } from 'nestjs-nats-auth';
import { onTestFinished } from 'vitest';

import { Secrets } from '../harness/secrets.js';
import type { Kind } from '../places/index.js';
import { Heap } from './snapshot.js';

const run = promisify(execFile);

/** When a heap is looked at: in use; closed, with the application held or dropped. */
export type Moment = 'serving' | 'held' | 'dropped';

export interface Look {
  readonly script: 'service.mjs' | 'connection.mjs';
  readonly kind: Kind;
  readonly moment: Moment;
  readonly driver?: readonly [name: string, packageName: string];
}

/** What of the secrets was found in the heap, and who holds it. */
export interface Found {
  /** Those that were in use last. */
  readonly present: readonly string[];
  /** Those that newer ones had taken the place of. */
  readonly retired: readonly string[];
  /** The pieces of the former that are nowhere: while they are in use, a search that misses one is worth nothing. */
  readonly missing: readonly string[];
}

const ROTATIONS = 4;
/** Each role asks for user info when it connects, and when it reconnects after the rotations. */
const ROLES = { 'service.mjs': 2, 'connection.mjs': 1 };

/** Runs a process that serves and rotates, and searches its heap. */
export async function lookIntoHeap({ script, kind, moment, driver = ['', ''] }: Look): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-heap-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [present, retired] = [new Secrets(), new Secrets()];
  const place = await kind.open(new Secrets());
  onTestFinished(() => place.stop());
  const roles = ROLES[script];
  const inUse = roles + ROTATIONS;
  for (let i = 0; i < inUse + roles; i++) {
    // What is in use last expires never: no alarm takes the place of the one that was set before.
    const expiry = i < inUse ? { expiresAt: Date.now() + 3_600_000 } : {};
    const userInfo = { ...(await place.issue()), ...expiry };
    await writeFile(join(folder, `${i}.json`), JSON.stringify(userInfo));
    for (const secret of secretsOf(userInfo))
      (i >= inUse ? present : retired).keep(`${kind.kind} ${i}`, secret);
  }
  await writeFile(join(folder, 'options.json'), JSON.stringify(place.options ?? {}));
  const path = join(folder, 'heap.heapsnapshot');
  const file = fileURLToPath(new URL(script, import.meta.url));
  const args = [place.server.url, folder, String(ROTATIONS), path, moment, ...driver];
  await run(process.execPath, ['--expose-gc', WHOLE_TEXTS, file, ...args], { maxBuffer: Infinity });
  const heap = new Heap(await readFile(path, 'utf8'));
  const ways = (secrets: Secrets) => [...new Set(heap.waysTo((text) => secrets.in(text).length > 0))];
  return { present: ways(present), retired: ways(retired), missing: present.missingIn(heap.texts) };
}

/** V8 would cut texts off after 1,024 characters: a seed stands there at the end of a `.creds` file. */
const WHOLE_TEXTS = '--heap-snapshot-string-limit=1000000';

function secretsOf({ pass, token, creds, jwt, seed }: UserInfo): string[] {
  return [pass, token, creds, jwt, seed].filter((value) => typeof value === 'string');
}
