import type { Heard } from './protocol.js';

type Kind = keyof Heard;

/** Counts numbered messages by kind, so that those that came again are seen. */
export class HeardMessages {
  readonly #seen: Record<Kind, Set<number>> = { requests: new Set(), events: new Set(), queued: new Set() };
  readonly #again: Record<Kind, number> = { requests: 0, events: 0, queued: 0 };

  add(kind: Kind, n: number): void {
    if (this.#seen[kind].has(n)) this.#again[kind]++;
    this.#seen[kind].add(n);
  }

  get report(): Heard {
    const of = (kind: Kind) => ({ distinct: this.#seen[kind].size, again: this.#again[kind] });
    return { requests: of('requests'), events: of('events'), queued: of('queued') };
  }
}
