/**
 * Makes work run one at a time: asked for while it runs, it runs once more after that, however often it was asked for.
 * @param work must not reject: nobody may be waiting for it.
 * @param turn what each run waits for, if anything. What is asked for meanwhile is part of that run.
 */
export function coalesced(work: () => Promise<void>, turn?: () => Promise<void> | undefined): () => void {
  let asked = false;
  let running = false;
  const run = async () => {
    running = true;
    while (asked) {
      const wait = turn?.();
      if (wait) await wait;
      asked = false;
      await work();
    }
    running = false;
  };
  return () => {
    asked = true;
    if (!running) void run();
  };
}
