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

  /** @returns whether the message is news: it has not arrived on the new connection before. */
  onOld(print: Fingerprint): boolean {
    return isNews(print, this.#ahead.old, this.#ahead.new);
  }

  /** @param pass is called, perhaps later, unless the message has arrived on the old connection. */
  onNew(print: Fingerprint, pass: () => void): void {
    if (this.#held) this.#held.push({ print, pass });
    else if (isNews(print, this.#ahead.new, this.#ahead.old)) pass();
  }

  /** Passes on what waits. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { print, pass } of held) this.onNew(print, pass);
  }
}

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
  const ahead = there.get(print) ?? 0;
  if (ahead === 0) {
    here.set(print, (here.get(print) ?? 0) + 1);
    return true;
  }
  if (ahead === 1) there.delete(print);
  else there.set(print, ahead - 1);
  return false;
}
