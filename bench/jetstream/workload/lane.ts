/** One use of the connection under test: it produces, and counts what became of it. */
export interface Lane {
  /** Produces nothing more, and waits until what is under way has settled. */
  rest(): Promise<void>;
  /** Waits for what is still to arrive, within a deadline, counts, and ends what it follows. */
  settle(): Promise<void>;
}
