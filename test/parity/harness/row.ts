/** A row of the table. */
export interface Row {
  /** What was observed, under the heads of its columns; the first is what the others are held to. */
  readonly cells: Readonly<Record<string, string>>;
  /** `same`, or the reason of a difference that is intended. A test that fails is a defect. */
  readonly verdict: string;
}

declare module 'vitest' {
  interface TaskMeta {
    parity?: Row;
  }
}
