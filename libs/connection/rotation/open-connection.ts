import type { ResolvedUserInfo } from '../../credentials/index.js';
import type { RotationTrigger } from '../events.js';
import type { Link } from '../link.js';
import type { Session } from './session.js';

/** What hears of a connection for as long as it lives. */
export interface OpenConnectionHooks<NC, S extends Session> {
  readonly onLameDuck: (connection: OpenConnection<NC, S>) => void;
  /** The connection was lost and is there again. */
  readonly onReconnected: (connection: OpenConnection<NC, S>) => void;
  /** The server refused a subscription after the connection was opened, or again at a reconnect. */
  readonly onRefusal: (connection: OpenConnection<NC, S>, problem: string) => void;
}

/** How a connection is opened. */
export interface Opening<NC, S extends Session> {
  /** They are kept with the connection: they must not hold on to the one before. */
  readonly hooks: OpenConnectionHooks<NC, S>;
  /** What is presented first. Default: what the source gives. */
  readonly userInfo?: ResolvedUserInfo;
  /** Closes it, at any moment until it is open. */
  readonly signal: AbortSignal;
}

/** Opens a connection with its session; rejects when it cannot be used, and leaves nothing open then. */
export type OpenConnections<NC, S extends Session> = (
  opening: Opening<NC, S> & { readonly kind: 'initial' | 'reconnect' },
) => Promise<OpenConnection<NC, S>>;

/** How a connection is dialled again in place. */
export interface InPlace {
  readonly trigger: RotationTrigger;
  /** Default: what the source gives. */
  readonly userInfo?: ResolvedUserInfo;
  /** Whether it is tried out on a connection of its own before; not where there is no room for one. */
  readonly tryOut: boolean;
  /** How long to wait for a server that accepts it, once the connection is dropped, in ms. */
  readonly timeoutMs: number;
  /** Ends the trial at any moment. */
  readonly signal: AbortSignal;
}

/** A connection that takes over. */
export interface Successor<NC, S extends Session> {
  readonly connection: OpenConnection<NC, S>;
  /** What made the handover slow and can be changed. */
  readonly hint?: string;
}

/** What a rotation needs of one connection that was opened. It emits events of its role only while it is the current one. */
export interface OpenConnection<NC, S extends Session> {
  readonly nc: NC;
  readonly session: S;
  /** Where it is in its life, and what is known of its server there. */
  readonly link: Link;
  /** Resolves when it is closed for good. */
  readonly closed: Promise<unknown>;
  /** The subscriptions that the server has refused and that matter, each as a phrase. */
  readonly refusedSubscriptions: readonly string[];

  /** It is the current one from now on. */
  takeOver(): void;
  /** Opens one beside it that can take over: it hears all that this one hears, and interest in it has spread. */
  openSuccessor(opening: Opening<NC, S>): Promise<Successor<NC, S>>;
  /**
   * @throws {Error} why the user info cannot be used, with the connection as it was.
   * @throws {RejectedError} {@link DisconnectedError} what became of it after it was dropped; it is being dialled again.
   */
  reconnect(inPlace: InPlace): Promise<void>;
  /** There is reason to doubt that the server is there. */
  doubt(): void;
  /** Another one has taken over: it is not dialled again. */
  retire(): void;
  /** Emits what became of what it used, and of what the application has subscribed on it; `cause`: why the user info was replaced. */
  emitReplaced(cause?: RotationTrigger): void;
  close(): Promise<void>;
}
