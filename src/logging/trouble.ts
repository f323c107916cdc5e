import type { Clock } from '../../libs/base/index.js';

/** The pause after which a trouble that goes on is told again, at first and at most, in ms. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** A trouble whose words change each time must not fill the log, either. */
const MOST_KINDS = 16;

/**
 * A trouble that goes on: told when it begins, at once when it is of a new kind, and again after 5, 10, 20 s and so on, every 5
 * minutes at last. It is told when something happens, and has no timer.
 */
export class Trouble {
  readonly #kinds = new Set<string>();
  readonly #since: number;
  #toldAt = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #times = 0;

  constructor(private readonly clock: Clock) {
    this.#since = clock.elapsed();
  }

  /** How often something has happened. */
  get times(): number {
    return this.#times;
  }

  /** For how long it has lasted, in ms. */
  get lastedMs(): number {
    return this.clock.elapsed() - this.#since;
  }

  /**
   * It goes on.
   * @returns whether to tell it: as something `new`, or `again`.
   */
  happens(kind: string): 'new' | 'again' | undefined {
    this.#times++;
    const now = this.clock.elapsed();
    const isNew = !this.#kinds.has(kind) && this.#kinds.size < MOST_KINDS;
    if (isNew) {
      this.#kinds.add(kind);
      this.#toldAt = now;
      return 'new';
    }
    if (now - this.#toldAt < this.#pauseMs) return undefined;
    this.#toldAt = now;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    return 'again';
  }
}

/** The troubles that go on, by what they are about. */
export class Troubles<About> {
  readonly #troubles = new Map<About, Trouble>();

  constructor(private readonly clock: Clock) {}

  /** The trouble that goes on, or one that begins now. */
  of(about: About): Trouble {
    const trouble = this.#troubles.get(about) ?? new Trouble(this.clock);
    this.#troubles.set(about, trouble);
    return trouble;
  }

  /** @returns the trouble that is over, if there was one. */
  end(about: About): Trouble | undefined {
    const trouble = this.#troubles.get(about);
    this.#troubles.delete(about);
    return trouble;
  }
}
