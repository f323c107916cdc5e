import { setImmediate as nextTurn } from 'node:timers/promises';

const COLLECTIONS = 3;

/** Heap and memory outside of it, in bytes, without garbage; the process must have been started with `--expose-gc`. */
export async function usedMemory(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What a collection finalizes may free more, in a later turn of the event loop. */
export async function collectGarbage(): Promise<void> {
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc?.();
    await nextTurn();
  }
}
