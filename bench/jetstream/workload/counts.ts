/** What must be 0 when a connection rotates. */
export const COUNTS = [
  'failedPublishes',
  'lost',
  'redelivered',
  'duplicates',
  'missedUpdates',
  'failedRequests',
  'lostMessages',
  'failedPuts',
  'endedIterators',
  'hung',
] as const;

export type Count = (typeof COUNTS)[number];

/** What happened on the connection under test. */
export type Counts = Readonly<Record<Count, number>>;

/** How much of each was under way, and what else is of interest. */
export interface Amounts {
  readonly publishes: number;
  readonly deliveries: number;
  readonly updates: number;
  readonly requests: number;
  readonly messages: number;
  readonly puts: number;
  /** The longest that a stored message waited for the ordered consumer, in ms. */
  readonly msOrderedResumed: number;
  /** How often each error was met. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Adds up what the lanes of a workload found. */
export class Tally {
  readonly #counts = Object.fromEntries(COUNTS.map((count) => [count, 0])) as Record<Count, number>;
  readonly #errors = new Map<string, number>();

  get counts(): Counts {
    return { ...this.#counts };
  }

  get errors(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#errors);
  }

  add(count: Count, by = 1): void {
    this.#counts[count] += by;
  }

  /** @param what was attempted. */
  failed(count: Count, what: string, error: unknown): void {
    this.add(count);
    this.note(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  note(line: string): void {
    this.#errors.set(line, (this.#errors.get(line) ?? 0) + 1);
  }
}
