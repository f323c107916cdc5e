import { RejectedError, SigningFailedError, SuspectedRejectionError } from '../errors.js';

/** What says that it is the user info that did not do, and not that the server could not be used. */
export type Verdict = RejectedError | SigningFailedError | SuspectedRejectionError;

/** From the one that tells most. */
const VERDICTS = [RejectedError, SigningFailedError, SuspectedRejectionError] as const;

/** The verdict that tells most, if there is one among these. */
export function verdictAmong(errors: readonly (Error | undefined)[]): Verdict | undefined {
  for (const Kind of VERDICTS) {
    const found = errors.find((error): error is Verdict => error instanceof Kind);
    if (found) return found;
  }
  return undefined;
}

/** One turn through the pool: how each server failed, until all have. */
export class DialRound {
  readonly #failures = new Map<string, Error>();

  /** Whether every server of the pool has failed. */
  isOver(pool: readonly string[]): boolean {
    return pool.every((server) => this.#failures.has(server));
  }

  /** How a server has failed already while others have not had their turn. */
  outOfTurn(server: string, pool: readonly string[]): Error | undefined {
    return this.isOver(pool) ? undefined : this.#failures.get(server);
  }

  failed(server: string, error: Error): void {
    this.#failures.set(server, error);
  }

  /** Begins anew, and tells what came of it. */
  end(): Verdict | undefined {
    const verdict = verdictAmong([...this.#failures.values()]);
    this.#failures.clear();
    return verdict;
  }
}
