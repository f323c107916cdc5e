import { concat, defer, from, type Observable, Subject } from 'rxjs';

import type { Happening } from '../page/system-view.js';

/** Entries that each kind of each one may have; beyond that, the two oldest become one. */
const KEPT = 100;
/** A repeat after so long is told as something new. */
const QUIET_MS = 10_000;
const LONGEST_TEXT = 400;

/** What comes again and again as long as its cause lasts. Everything else is a change of state, an entry for itself. */
const REPEATING: ReadonlySet<Happening['kind']> = new Set([
  'refreshed',
  'refresh failed',
  'rejected',
  'unreachable',
  'failed',
]);
/** A service that comes to this is past what repeated. */
const RECOVERED: ReadonlySet<Happening['kind']> = new Set(['connected', 'rotated']);

type Entry = { -readonly [Key in keyof Happening]: Happening[Key] } & { revision: number };

/**
 * What happened, for the page and the terminal. Repeats become one entry with a count and a span, and each kind of each
 * service has room of its own, so that failed requests, however many, push nothing out; of what is too old to stand for
 * itself the count and the span remain.
 */
export class Journal {
  readonly #entries = new Map<string, Entry[]>();
  /** The entries that a repeat adds to, by what they say. */
  readonly #repeated = new Map<string, Entry>();
  readonly #stream = new Subject<Happening>();
  #ids = 0;
  #revision = 0;

  constructor(private readonly now: () => number = Date.now) {}

  add(who: string, kind: Happening['kind'], text: string): void {
    const at = this.now();
    const topic = `${who}\n${kind}\n${withoutNumbers(text)}`;
    const repeated = this.#repeated.get(topic);
    const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)} …` : text;
    let entry: Entry;
    if (repeated && at - repeated.until < QUIET_MS) {
      entry = repeated;
      Object.assign(entry, { until: at, count: entry.count + 1, text: short, revision: ++this.#revision });
    } else {
      const [id, revision] = [++this.#ids, ++this.#revision];
      entry = { id, at, until: at, count: 1, who, kind, text: short, folded: false, revision };
      this.#keep(entry);
      if (REPEATING.has(kind)) this.#repeated.set(topic, entry);
    }
    // What follows on something that you did is told apart from what was before it.
    if (kind === 'done') this.#repeated.clear();
    if (RECOVERED.has(kind)) this.#forget((one) => one.who === who);
    this.#stream.next(viewOf(entry));
  }

  /** What has changed since a revision, oldest first; since 0, everything. */
  since(revision: number): { revision: number; happenings: Happening[] } {
    const changed = [...this.#entries.values()].flat().filter((entry) => entry.revision > revision);
    return { revision: this.#revision, happenings: changed.sort((a, b) => a.id - b.id).map(viewOf) };
  }

  /** What is remembered, then what comes: a repeat as the entry that it belongs to. */
  happenings(): Observable<Happening> {
    return concat(
      defer(() => from(this.since(0).happenings)),
      this.#stream,
    );
  }

  #keep(entry: Entry): void {
    const kind = `${entry.who}\n${entry.kind}`;
    const entries = this.#entries.get(kind) ?? [];
    this.#entries.set(kind, entries);
    entries.push(entry);
    const [oldest, next] = entries;
    if (entries.length <= KEPT || !oldest || !next) return;
    entries.shift();
    next.at = oldest.at;
    next.until = Math.max(oldest.until, next.until);
    next.count += oldest.count;
    next.folded = true;
    next.revision = ++this.#revision;
    this.#forget((one) => one === oldest || one === next);
  }

  #forget(which: (entry: Entry) => boolean): void {
    for (const [topic, entry] of this.#repeated) if (which(entry)) this.#repeated.delete(topic);
  }
}

/** Attempts, durations and ids differ from one repeat to the next; an address tells different things apart. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+\.\d+\.\d+\.\d+:\d+|\d+/g, (found) => (found.includes(':') ? found : '#'));
}

function viewOf({ id, at, until, count, who, kind, text, folded }: Entry): Happening {
  return { id, at, until, count, who, kind, text, folded };
}
