// What the processes have in common whose heap is looked at.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';

/** Gives the user info of a folder, one file after another; nothing of it stays here. */
export function providerFrom(folder) {
  let given = 0;
  return { getUserInfo: () => JSON.parse(readFileSync(join(folder, `${given++}.json`), 'utf8')) };
}

/** Lets go of what waits to be let go of, then writes the heap down. */
export async function snapshot(path) {
  for (let round = 0; round < 5; round++) {
    await nextTurn();
    globalThis.gc();
  }
  writeHeapSnapshot(path);
}
