import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Calls `look` when one of the files may have been replaced: after events of its folder, which tell of a rename and of
 * the swap of Kubernetes's `..data` link, and every `pollInterval` ms, for file systems that tell nothing (NFS, FUSE).
 * Nothing of it keeps the process alive; the returned function ends it.
 * @param pollInterval ms, or false for events alone.
 */
export function watchFolders(
  paths: readonly string[],
  pollInterval: number | false,
  look: () => void,
): () => void {
  const names = new Set(paths.map((path) => basename(path)));
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  const heard = (_event: string, name: string | null) => {
    if (name === null || names.has(name) || name === '..data') look();
  };
  let watchers: FSWatcher[] = [];
  const close = () => watchers.forEach((watcher) => watcher.close());
  const open = () => {
    close();
    watchers = folders.map((folder) => watchFolder(folder, heard)).filter((watcher) => watcher !== undefined);
  };
  open();
  const poll = () => {
    // A folder that was removed and recreated has another inode: the old watcher stays silent without an error.
    open();
    look();
  };
  const timer = pollInterval === false ? undefined : setInterval(poll, pollInterval).unref();
  return () => {
    clearInterval(timer);
    close();
  };
}

/** `undefined` for a folder that cannot be watched: it may not be there yet, or the system has no watcher left. */
function watchFolder(
  folder: string,
  listener: (event: string, name: string | null) => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, listener);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
