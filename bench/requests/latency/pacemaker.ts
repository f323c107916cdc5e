import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Calls `act` again and again until it returns false. */
export function pace(everyMs: number, act: () => boolean): void {
  const over = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(import.meta.url), { workerData: { everyMs, over } satisfies Pace });
  thread.on('message', () => {
    if (act()) return;
    Atomics.store(over, 0, 1);
    Atomics.notify(over, 0);
  });
}

interface Pace {
  readonly everyMs: number;
  /** 1 when it is enough. */
  readonly over: Int32Array;
}

// A timer is a millisecond late or more, and a process that looks at the clock all the time takes a core from those that it measures: a
// thread can sleep for less.
if (!isMainThread) {
  const { everyMs, over } = workerData as Pace;
  for (let next = performance.now(); Atomics.load(over, 0) === 0; next += everyMs) {
    Atomics.wait(over, 0, 0, Math.max(0, next - performance.now()));
    parentPort?.postMessage(null);
  }
}
