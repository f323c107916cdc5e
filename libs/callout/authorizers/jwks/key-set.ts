import { asError, type Clock, inOwnContext, sleep } from '../../../base/index.js';
import { unlessAborted } from '../unless-aborted.js';

/** When keys are fetched. All durations are in ms. */
export interface KeySetPolicy {
  /** At least this between two fetches, whoever asks. After fetches that failed it is less at first. */
  readonly cooldown: number;
  /** Older keys are fetched anew, so that one that the issuer has withdrawn is not used for ever. */
  readonly maxAge: number;
}

/** What keys that are too old may cost a client: an issuer that does not answer must not hold up everybody whose key is known. */
const LONGEST_WAIT_FOR_YOUNGER_MS = 500;
const AFTER_FAILURE_MS = 1_000;

/**
 * Keys that are fetched when they are needed, by one fetch at a time, and kept: those that are known serve on while their issuer is away. A
 * fetch belongs to nobody, so that it goes on when the client that was the first to need it has gone.
 */
export class KeySet<K> {
  readonly #fetch: () => Promise<K>;
  readonly #policy: KeySetPolicy;
  readonly #clock: Clock;
  #kept?: { readonly keys: K; readonly fetchedAt: number };
  #fetching?: Promise<K>;
  /** No fetch before that; `failure` is how the last one ended, if it did not succeed. */
  #pause: { readonly until: number; readonly failure?: { readonly error: Error; readonly count: number } } = {
    until: -Infinity,
  };

  /** @param fetch must end by itself: nothing else ends it. */
  constructor(fetch: () => Promise<K>, policy: KeySetPolicy, clock: Clock) {
    this.#fetch = fetch;
    this.#policy = policy;
    this.#clock = clock;
  }

  /** @throws what the fetch failed with, where no keys are known. */
  async current(signal: AbortSignal): Promise<K> {
    if (!this.#kept) return unlessAborted(this.#next(), signal);
    if (this.#clock.elapsed() - this.#kept.fetchedAt >= this.#policy.maxAge) await this.#younger(signal);
    return this.#kept.keys;
  }

  /**
   * Keys in which one may be that is not among `known`; `undefined` when the issuer was asked so lately that it is not asked again.
   * @throws what the fetch failed with.
   */
  async newerThan(known: K, signal: AbortSignal): Promise<K | undefined> {
    if (this.#kept && this.#kept.keys !== known) return this.#kept.keys;
    if (!this.#fetching && !this.#pause.failure && this.#clock.elapsed() < this.#pause.until)
      return undefined;
    return unlessAborted(this.#next(), signal);
  }

  async #younger(signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const late = sleep(this.#clock, LONGEST_WAIT_FOR_YOUNGER_MS, AbortSignal.any([signal, enough.signal]));
    await Promise.race([this.#next(), late]).catch(() => {});
    enough.abort();
    signal.throwIfAborted();
  }

  /** The fetch that is under way, or a new one. */
  #next(): Promise<K> {
    if (this.#fetching) return this.#fetching;
    const { until, failure } = this.#pause;
    if (failure && this.#clock.elapsed() < until) return Promise.reject(failure.error);
    const fetching = (this.#fetching = inOwnContext(() => this.#fetched()));
    // Nobody may be waiting for it any more.
    fetching.catch(() => {});
    return fetching;
  }

  async #fetched(): Promise<K> {
    const { cooldown } = this.#policy;
    try {
      const keys = await this.#fetch();
      this.#kept = { keys, fetchedAt: this.#clock.elapsed() };
      this.#pause = { until: this.#clock.elapsed() + cooldown };
      return keys;
    } catch (error) {
      const count = (this.#pause.failure?.count ?? 0) + 1;
      const pause = Math.min(cooldown, AFTER_FAILURE_MS * 2 ** (count - 1));
      this.#pause = { until: this.#clock.elapsed() + pause, failure: { error: asError(error), count } };
      throw error;
    } finally {
      this.#fetching = undefined;
    }
  }
}
