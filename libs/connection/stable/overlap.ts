import { createHash } from 'node:crypto';

/** What identifies a message among those that arrive twice. */
export type Fingerprint = string;

/**
 * The time during which two connections have the same subscriptions, and each message arrives on both. What arrives on the new
 * one waits until nothing more can arrive on the old one, so that the order stays; then it is passed on if the old one has
 * not had it.
 */
export class Overlap {
  /** How often each message has arrived on one of them and not yet on the other. */
  readonly #ahead = { old: new Map<Fingerprint, number>(), new: new Map<Fingerprint, number>() };
  #held: { readonly print: Fingerprint; readonly pass: () => void }[] | undefined = [];
  /** What arrived on the old connection, perhaps before the new one was subscribed. */
  readonly #early = new Set<Fingerprint>();

  /**
   * @param early whether the server may have sent it before it had the subscription of the new connection.
   * @returns whether the message is news: it has not arrived on the new connection before.
   */
  onOld(print: Fingerprint, early: boolean): boolean {
    if (early) this.#early.add(print);
    return isNews(print, this.#ahead.old, this.#ahead.new);
  }

  /** @param pass is called, perhaps later, unless the message has arrived on the old connection. */
  onNew(print: Fingerprint, pass: () => void): void {
    if (this.#held) this.#held.push({ print, pass });
    else if (isNews(print, this.#ahead.new, this.#ahead.old)) pass();
  }

  /**
   * Forgets what arrived on the old connection alone, so that no equal message that follows is taken for its repeat. If more of
   * the same arrives all the time, a repeat may be passed on, but nothing is lost. To be called before the old connection
   * unsubscribes.
   * @param flush each resolves when what the server had sent before the call has arrived on that connection.
   */
  async forgetEarly(flush: {
    readonly old: () => Promise<void>;
    readonly new: () => Promise<void>;
  }): Promise<void> {
    const alone = new Map([...this.#early].map((print) => [print, Infinity]));
    for (let round = 0; alone.size > 0 && round < MOST_ROUNDS; round++) {
      const before = new Map(this.#ahead.old);
      await flush.new();
      const repeats = new Map<Fingerprint, number>();
      for (const { print } of this.#held ?? []) repeats.set(print, countOf(print, repeats) + 1);
      await flush.old();
      if (!this.#held) return;
      for (const [print, most] of alone) {
        const now = countOf(print, this.#ahead.old);
        const atMost = Math.min(most, Math.max(0, now - countOf(print, repeats)));
        alone.set(print, atMost);
        // Otherwise some that arrived meanwhile are among them.
        const isExact = now === countOf(print, before);
        if (!isExact && round < MOST_ROUNDS - 1) continue;
        this.#ahead.old.set(print, now - atMost);
        alone.delete(print);
      }
    }
  }

  /** Passes on what waits. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { print, pass } of held) this.onNew(print, pass);
  }
}

/** How often to count anew, because more of the same has arrived meanwhile. */
const MOST_ROUNDS = 10;

/** The reply subject of a JetStream message is different for each delivery. */
const JETSTREAM_ACK = '$JS.ACK.';

/** @param data headers and payload. */
export function fingerprint(subject: string, reply: string, data: Uint8Array): Fingerprint {
  if (reply.startsWith(JETSTREAM_ACK)) return reply;
  return `${subject} ${reply} ${createHash('sha256').update(data).digest('base64')}`;
}

function isNews(
  print: Fingerprint,
  here: Map<Fingerprint, number>,
  there: Map<Fingerprint, number>,
): boolean {
  const ahead = countOf(print, there);
  if (ahead === 0) {
    here.set(print, countOf(print, here) + 1);
    return true;
  }
  if (ahead === 1) there.delete(print);
  else there.set(print, ahead - 1);
  return false;
}

function countOf(print: Fingerprint, counts: ReadonlyMap<Fingerprint, number>): number {
  return counts.get(print) ?? 0;
}
