import { setTimeout as delay } from 'node:timers/promises';

const RETRY_AFTER_MS = 250;

/**
 * Tries until it works. A stream has no leader for a moment after the server of its leader has gone, and what is asked then is answered
 * late or not at all.
 * @throws the last error once `signal` aborts.
 */
export async function untilItWorks<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      await delay(RETRY_AFTER_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
