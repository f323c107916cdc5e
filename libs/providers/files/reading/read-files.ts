import { readFile, stat } from 'node:fs/promises';

import { type Clock, fileSystemError, FileUnusableError, sleep } from '../../../base/index.js';

/** No file of credentials is larger, in bytes; a device or a wrong path may be. */
const LARGEST_FILE = 1_048_576;

/** Until when files count as being written, and who waits. */
export interface Patience {
  /** How long ago the last of the files must have been written, in ms. */
  readonly settle: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Reads files that belong together as they are at one moment: again when one of them is replaced meanwhile, or was
 * written so lately that it, or the other one, may not be complete.
 * @throws {@link FileUnusableError}
 */
export async function readFiles(paths: readonly string[], patience: Patience): Promise<string[]> {
  const { settle, clock, signal } = patience;
  for (;;) {
    const before = await versionOf(paths);
    const texts = await Promise.all(paths.map(read));
    const after = await versionOf(paths);
    // To either side: the clock of a file server may be ahead.
    const isQuiet = Math.abs(clock.now() - after.writtenAt) >= settle;
    if (isQuiet && before.identity === after.identity) return texts;
    await sleep(clock, settle, signal);
  }
}

/** A fingerprint that changes with every write and every replacement; symbolic links are followed. */
async function versionOf(paths: readonly string[]): Promise<{ identity: string; writtenAt: number }> {
  const stats = await Promise.all(
    paths.map((path) => stat(path).catch((error: unknown) => Promise.reject(fileSystemError(path, error)))),
  );
  stats.forEach((file, i) => checkKind(paths[i] ?? '', file.isFile(), file.size));
  return {
    identity: stats.map(({ dev, ino, size, mtimeMs }) => [dev, ino, size, mtimeMs].join()).join(';'),
    writtenAt: Math.max(...stats.map(({ mtimeMs }) => mtimeMs)),
  };
}

/** Before it is read: reading a pipe would wait for ever. */
function checkKind(path: string, isFile: boolean, size: number): void {
  if (!isFile) throw new FileUnusableError(path, 'is no regular file: correct the path in the options.');
  if (size > LARGEST_FILE)
    throw new FileUnusableError(path, `has ${size} bytes, too many for credentials: correct the path.`);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileSystemError(path, error);
  }
}
