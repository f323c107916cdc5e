/** How much is under way at once, all the time: something new follows whatever is done. */
export interface ClosedLoop {
  readonly concurrency: number;
  readonly payloadBytes: number;
  readonly ms: number;
}

/** What came of it; times are in ms since the epoch. */
export interface LoopResult {
  readonly done: number;
  readonly from: number;
  readonly to: number;
}

/** @param act is called with the payload. */
export async function runClosedLoop(
  { concurrency, payloadBytes, ms }: ClosedLoop,
  act: (payload: string) => Promise<unknown>,
): Promise<LoopResult> {
  const payload = 'x'.repeat(payloadBytes);
  const from = performance.now();
  const until = from + ms;
  let done = 0;
  const loop = async () => {
    while (performance.now() < until) {
      await act(payload);
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const { timeOrigin } = performance;
  return { done, from: timeOrigin + from, to: timeOrigin + performance.now() };
}
