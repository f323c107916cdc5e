import type { Operation } from '../../base/index.js';
import type { ResolvedUserInfo } from '../../credentials/index.js';
import type { RotationTrigger } from '../events.js';
import type { Link } from '../link.js';
import type { Refusal } from './refusals.js';
import type { Session } from './session.js';

/** The callbacks of a connection, for as long as it lives. */
export interface OpenConnectionHooks<NC, S extends Session> {
  readonly onLameDuck: (connection: OpenConnection<NC, S>) => void;
  /** The connection was lost and has reconnected. */
  readonly onReconnected: (connection: OpenConnection<NC, S>) => void;
  /** The server may have refused other subscriptions than before. */
  readonly onRefusals: (connection: OpenConnection<NC, S>) => void;
}

/** The parameters for opening a connection. */
export interface Opening<NC, S extends Session> {
  /** Kept for as long as the connection: they must not reference the previous one. */
  readonly hooks: OpenConnectionHooks<NC, S>;
  /** What the first dial presents. Default: what the source provides. */
  readonly userInfo?: ResolvedUserInfo;
  /** Closes the connection, at any time until it is open. */
  readonly signal: AbortSignal;
  /** The rotation that opens it, if somebody observes that. */
  readonly within?: Operation;
}

/** Opens a connection with its session; rejects when it cannot be used, and then leaves nothing open. */
export type OpenConnections<NC, S extends Session> = (
  opening: Opening<NC, S> & { readonly kind: 'initial' | 'reconnect' },
) => Promise<OpenConnection<NC, S>>;

/** The parameters for reconnecting in place. */
export interface InPlace {
  readonly trigger: RotationTrigger;
  /** Default: what the source provides. */
  readonly userInfo?: ResolvedUserInfo;
  /** Whether the user info is tried on a separate connection first; false if the server has no room for one. */
  readonly tryOut: boolean;
  /** How long to wait, once the connection is dropped, until a server accepts it, in ms. */
  readonly timeoutMs: number;
  /** Aborts the trial at any time. */
  readonly signal: AbortSignal;
  /** The rotation that it is a part of, if somebody observes that. */
  readonly within?: Operation;
}

/** A connection that is ready to take over. */
export interface Successor<NC, S extends Session> {
  readonly connection: OpenConnection<NC, S>;
  /** Why the handover was slow, if that can be changed. */
  readonly hint?: string;
}

/** What a rotation needs from an open connection. It emits the events of its role only while it is the current one. */
export interface OpenConnection<NC, S extends Session> {
  readonly nc: NC;
  readonly session: S;
  /** The current state of the link, and what is known about its server. */
  readonly link: Link;
  /** Resolves when the connection is closed for good. */
  readonly closed: Promise<unknown>;
  /** What the server has refused of the subscriptions that matter. */
  readonly refusals: readonly Refusal[];

  /**
   * Makes this the current connection.
   * @param kept what its predecessor has not sent.
   */
  takeOver(kept?: readonly Uint8Array[]): void;
  /** Opens a connection that can take over: it is subscribed to everything that this one is, and interest in it has spread. */
  openSuccessor(opening: Opening<NC, S>): Promise<Successor<NC, S>>;
  /**
   * Reconnects in place with other user info.
   * @throws {Error} the user info cannot be used; the connection is unchanged.
   * @throws {RejectedError} {@link DisconnectedError} reconnecting failed after the connection was dropped; it is being
   * dialled again.
   */
  reconnect(inPlace: InPlace): Promise<void>;
  /** Checks whether the server still answers. Called when there is reason to doubt it. */
  doubt(): void;
  /**
   * Its successor takes over: it must not reconnect.
   * @returns what was published on it while it was lost.
   */
  retire(): readonly Uint8Array[];
  /**
   * Emits the events about the user info and the application's subscriptions that were replaced; `cause`: why the user info
   * was replaced, if it was.
   */
  emitReplaced(cause?: RotationTrigger): void;
  close(): Promise<void>;
}
