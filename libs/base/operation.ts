/** What is known of an operation, for those who observe it. None of it is a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** What this package does on its own that takes time. */
export type OperationKind = 'refresh' | 'connect' | 'rotation';

/** One thing that is being done, as those who observe it follow it. Nothing depends on what they make of it. */
export interface Operation {
  /** Runs what belongs to it: they may have a context of theirs active meanwhile. */
  run<T>(work: () => T): T;
  /** Something happened during it. */
  note(what: string, facts?: Facts, error?: unknown): void;
  /** It goes back to another operation, or uses what that one gave. */
  follows(other: Operation): void;
  /** It failed; `end()` still follows. Only the first error counts. */
  failed(error: unknown): void;
  /** It is over; later calls change nothing. */
  end(facts?: Facts): void;
}

/** Follows operations. */
export interface Observer {
  /**
   * @param within the operation that it is a part of.
   * @returns `undefined` when nobody wants to know.
   */
  begin(kind: OperationKind, facts: Facts, within?: Operation): Operation | undefined;
}
