import type { MintedUser } from '../../../test/support/operator-mode.js';
import type { Connection, JetStreamDriver } from '../drivers/driver.js';

/** How a connection under test is opened. */
export interface SystemOptions {
  readonly driver: JetStreamDriver;
  readonly servers: string[];
  /** The name of the connection, for the server's monitoring. */
  readonly name: string;
  /** Mints a user that is valid for as long as the run wants. */
  readonly mint: () => Promise<MintedUser>;
}

/** A connection under test, and how it moves to newer credentials. */
export interface System {
  readonly nc: Connection;
  /** Moves to new credentials, and fulfils when that is done. */
  rotate(): Promise<void>;
  /** Those that failed. */
  readonly failedRotations: number;
  /** How long each rotation that was done took, in ms; including those that it did by itself. */
  readonly tookMs: readonly number[];
  close(): Promise<void>;
}
