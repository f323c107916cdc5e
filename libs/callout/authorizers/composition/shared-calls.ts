import { inOwnContext } from '../../../base/index.js';
import { unlessAborted } from '../unless-aborted.js';

interface Call<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** Calls that those share who ask for the same while it is under way. */
export class SharedCalls<T> {
  readonly #calls = new Map<string, Call<T>>();

  /** @param work is aborted when nobody waits for it any more. */
  async share(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const call = this.#calls.get(key) ?? this.#begin(key, work);
    call.waiting++;
    try {
      return await unlessAborted(call.result, signal);
    } finally {
      if (--call.waiting === 0) this.#end(key, call, signal.reason);
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Call<T> {
    const abort = new AbortController();
    const result = inOwnContext(() => work(abort.signal));
    const call = { result, abort, waiting: 0 };
    this.#calls.set(key, call);
    return call;
  }

  #end(key: string, call: Call<T>, reason: unknown): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
    call.abort.abort(reason);
  }
}
