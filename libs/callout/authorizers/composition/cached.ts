import { type Clock, count, duration, jwtClaims, knownKeys, systemClock } from '../../../base/index.js';
import type { Admission } from '../../admission.js';
import type { Authorizer } from '../../authorizer.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { checkedAuthorizer, checkedFunction } from '../checks.js';
import { SharedCalls } from './shared-calls.js';
import { factsOf, keyed } from './request-key.js';

/**
 * How long a decision to admit a client is used again.
 * @public
 */
export interface CachedOptions {
  /** For so long, in ms, and not after the admission or the token that was presented has expired. 1 or more. */
  ttl: number;
  /** The most decisions that are kept; the oldest make room. Default: 10,000. */
  max?: number;
  /**
   * What a decision depends on: requests for which it gives the same are taken for the same. It is only kept as a keyed hash. Default:
   * all that was presented, and every fact of the client, its TLS connection and the server, but for the ids that are new with each connection.
   */
  keyOf?: (request: CalloutRequest) => string;
  /**
   * Default: the machine's clock.
   * @internal
   */
  clock?: Clock;
}

/**
 * Uses decisions to admit a client again, where they are expensive: each check of an argon2 hash takes tens of ms, and a fleet with one
 * password comes back at once. Requests that are the same share one call while it runs. Refusals and failures are not kept. Nothing that
 * was presented is kept either, but a hash of it with a key that only this process has.
 *
 * A user who is taken away from the authorizer may come in for `ttl` more; `revoke()` of the callout holds at once.
 * @throws `OptionsInvalidError`
 * @public
 */
export function cached(authorizer: Authorizer, options: CachedOptions): Authorizer {
  checkedAuthorizer('cached', authorizer);
  knownKeys('cached', options, ['ttl', 'max', 'keyOf', 'clock']);
  const { clock = systemClock, keyOf = factsOf } = options;
  checkedFunction('cached.keyOf', keyOf);
  const decisions = new Decisions(
    duration('cached.ttl', options.ttl, 1),
    count('cached.max', options.max ?? 10_000),
    clock,
  );
  const calls = new SharedCalls<Admission>();
  return {
    authorize: async (request, { signal }) => {
      const key = keyed(keyOf(request));
      const known = decisions.get(key);
      if (known) return known;
      return calls.share(key, signal, async (shared) => {
        const admission = await authorizer.authorize(request, { signal: shared });
        decisions.keep(key, admission, tokenExpiry(request));
        return admission;
      });
    },
  };
}

interface Decision {
  readonly admission: Admission;
  /** By the clock that nobody sets. */
  readonly staleAt: number;
  /** By the wall clock, in ms since the epoch. */
  readonly expiresAt: number;
}

class Decisions {
  /** The oldest first. */
  readonly #kept = new Map<string, Decision>();

  constructor(
    private readonly ttl: number,
    private readonly max: number,
    private readonly clock: Clock,
  ) {}

  get(key: string): Admission | undefined {
    const decision = this.#kept.get(key);
    if (!decision) return undefined;
    if (this.clock.elapsed() < decision.staleAt && this.clock.now() < decision.expiresAt)
      return decision.admission;
    this.#kept.delete(key);
    return undefined;
  }

  keep(key: string, admission: Admission, tokenExpiry: number): void {
    // It is for the callout to say what is wrong with it.
    if (typeof (admission as unknown) !== 'object' || (admission as unknown) === null) return;
    const { expiresAt = Infinity } = admission;
    this.#kept.delete(key);
    this.#kept.set(key, {
      admission,
      staleAt: this.clock.elapsed() + this.ttl,
      expiresAt: Math.min(Number(expiresAt), tokenExpiry),
    });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.max && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** The earliest end of what was presented, in ms since the epoch: a grace lets a session live on, and no token that has expired. */
function tokenExpiry({ credentials: { token, pass, user, jwt } }: CalloutRequest): number {
  const ends = [token, pass, user, jwt?.token].map((text) =>
    text === undefined ? undefined : jwtClaims(text).exp,
  );
  return Math.min(...ends.map((exp) => (typeof exp === 'number' && exp > 0 ? exp * 1_000 : Infinity)));
}
