import { RejectedError, SigningFailedError, SuspectedRejectionError } from '../errors.js';

/** The errors that blame the user info, rather than a server that could not be used. */
export type Verdict = RejectedError | SigningFailedError | SuspectedRejectionError;

/** The most informative one first. */
const VERDICTS = [RejectedError, SigningFailedError, SuspectedRejectionError] as const;

/** The most informative verdict among these errors, if there is one. */
export function verdictAmong(errors: readonly (Error | undefined)[]): Verdict | undefined {
  for (const Kind of VERDICTS) {
    const found = errors.find((error): error is Verdict => error instanceof Kind);
    if (found) return found;
  }
  return undefined;
}

/** One round through the pool: collects how each server failed, until all of them have. */
export class DialRound {
  readonly #failures = new Map<string, Error>();

  /** Whether every server of the pool has failed. */
  isOver(pool: readonly string[]): boolean {
    return pool.every((server) => this.#failures.has(server));
  }

  /** The error of a server that has failed in this round, while others have not been tried yet. */
  outOfTurn(server: string, pool: readonly string[]): Error | undefined {
    return this.isOver(pool) ? undefined : this.#failures.get(server);
  }

  failed(server: string, error: Error): void {
    this.#failures.set(server, error);
  }

  /**
   * Starts a new round.
   * @returns the verdict of the one that ended.
   */
  end(): Verdict | undefined {
    const verdict = verdictAmong([...this.#failures.values()]);
    this.#failures.clear();
    return verdict;
  }
}
