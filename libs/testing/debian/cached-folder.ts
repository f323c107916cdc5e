import { access, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { eventually } from '../eventually.js';

export interface CachedFolderOptions {
  /** The folder's name in the cache. */
  readonly name: string;
  /** A file in it without which it is of no use. */
  readonly holds: string;
  /** Fetches into the work folder; the folder that it returns is kept, the rest is removed. */
  readonly fetch: (work: string) => Promise<string>;
}

/** A folder in the cache of this package, fetched the first time; one process fetches while others wait for it. */
export async function cachedFolder({ name, holds, fetch }: CachedFolderOptions): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'nestjs-nats-auth', name);
  const complete = () => exists(join(folder, holds));
  if (await complete()) return folder;
  await withLock(`${folder}.lock`, async () => {
    if (await complete()) return;
    const work = await mkdtemp(`${folder}-`);
    try {
      const fetched = await fetch(work);
      await rm(folder, { recursive: true, force: true });
      // Renaming is atomic: no other process sees an incomplete folder.
      await rename(fetched, folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return folder;
}

/** A lock that is older than this was left behind by a process that died. */
const STALE_LOCK_MS = 600_000;

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

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
