import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { eventually } from '../eventually.js';
import { unpackDebianPackage } from './debian-package.js';
import { atLeast, DEBIAN_SUITES, MINIMUM_VERSION, type NatsServerRelease } from './releases.js';

const run = promisify(execFile);

/** A `nats-server` that can be started. */
export interface NatsServerBinary {
  readonly path: string;
  /** As in `2.10.27`. */
  readonly version: string;
}

/** No usable `nats-server` is on this machine, and none could be fetched; the message says how to provide one. */
export class NatsServerNotFoundError extends Error {
  override name = 'NatsServerNotFoundError';
}

/**
 * Finds a `nats-server`. The default release is looked for in `NATS_SERVER_BIN`, then on `PATH` (2.10 or newer), then
 * in our cache folder, and is fetched from Debian's package otherwise; `oldest` and `newest` are always Debian's.
 * @throws {@link NatsServerNotFoundError}
 */
export async function findNatsServer(release: NatsServerRelease = 'default'): Promise<NatsServerBinary> {
  return (release === 'default' ? await onThisMachine() : undefined) ?? (await fromDebian(release));
}

async function onThisMachine(): Promise<NatsServerBinary | undefined> {
  const chosen = process.env['NATS_SERVER_BIN'];
  if (chosen) {
    const version = await versionOf(chosen);
    if (version && atLeast(version, MINIMUM_VERSION)) return { path: chosen, version };
    const problem = version
      ? `is version ${version}; ${MINIMUM_VERSION} or newer is needed`
      : 'is no nats-server that runs';
    throw new NatsServerNotFoundError(`NATS_SERVER_BIN names '${chosen}', which ${problem}.`);
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'nats-server');
    const version = await versionOf(path);
    if (version && atLeast(version, MINIMUM_VERSION)) return { path, version };
  }
  return undefined;
}

async function fromDebian(release: NatsServerRelease): Promise<NatsServerBinary> {
  const suite = DEBIAN_SUITES[release];
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const path = join(cache, 'nestjs-nats-auth', `nats-server-${suite}`, 'nats-server');
  const cached = await versionOf(path);
  if (cached) return { path, version: cached };
  try {
    await withLock(`${dirname(path)}.lock`, async () => {
      if (!(await versionOf(path))) await fetchInto(path, suite);
    });
    const version = await versionOf(path);
    if (version) return { path, version };
    throw new Error(`the binary of Debian ${suite} does not run here`);
  } catch (cause) {
    throw new NatsServerNotFoundError(howToProvide(suite, cause as Error), { cause });
  }
}

async function fetchInto(path: string, suite: string): Promise<void> {
  console.error(`Fetching nats-server from Debian ${suite} …`);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const root = await unpackDebianPackage('nats-server', suite, work);
    // Renaming is atomic: nobody ever sees half a binary.
    await copyFile(join(root, 'usr', 'sbin', 'nats-server'), join(work, 'nats-server'));
    await rename(join(work, 'nats-server'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A lock that is older than this was left behind by a process that died. */
const STALE_LOCK_MS = 180_000;

/** Lets one process fetch while the others wait for what it fetched. */
async function withLock(lock: string, action: () => Promise<void>): Promise<void> {
  await mkdir(dirname(lock), { recursive: true });
  await eventually(
    async () => {
      const heldSince = await stat(lock).then(
        (stats) => stats.mtimeMs,
        () => undefined,
      );
      if (heldSince !== undefined && Date.now() - heldSince > STALE_LOCK_MS)
        await rm(lock, { recursive: true, force: true });
      return mkdir(lock).then(() => true);
    },
    { what: `the lock '${lock}'`, timeoutMs: STALE_LOCK_MS + 60_000, everyMs: 100 },
  );
  try {
    await action();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    await access(path);
    return /v(\d+\.\d+\.\d+)/.exec((await run(path, ['--version'])).stdout)?.[1];
  } catch {
    return undefined;
  }
}

function howToProvide(suite: string, cause: Error): string {
  return [
    `No nats-server of version ${MINIMUM_VERSION} or newer was found, and fetching it from Debian ${suite} failed: ${cause.message}`,
    'Provide one in one of three ways:',
    '  1. set NATS_SERVER_BIN to the path of a nats-server binary;',
    '  2. put nats-server on PATH (see https://docs.nats.io/running-a-nats-service/introduction/installation);',
    `  3. run on Debian or a derivative with apt-get and dpkg, so that its package can be fetched.`,
  ].join('\n');
}
