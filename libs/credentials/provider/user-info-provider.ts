import type { RefreshReason } from '../cause.js';
import type { UserInfo } from '../user-info/user-info.js';

/**
 * Gives the user info that a connection will present. Called on every connect and reconnect, after a rejection,
 * and ahead of expiry; calls of one registration never overlap.
 *
 * Throw any error to have the call retried with backoff. Set `retryable: false` on it to end the attempt at once: a first connect fails with
 * it, and after that a later dial asks again, with backoff.
 * @public
 */
export interface UserInfoProvider {
  /** Gives the user info for one establishment, or throws. */
  getUserInfo(request: UserInfoRequest): UserInfo | Promise<UserInfo>;

  /**
   * For a provider that learns of newer user info by itself, such as from a file that was replaced. It calls `changed`; the
   * provider is then asked again, and live connections rotate (not under `rotation.mode: 'none'`). `watch` is called when
   * the first connection is up. The function that it returns ends the watch, when the last connection is closed.
   */
  watch?(changed: () => void): () => void;
}

/**
 * What a connection is for: `server` is the transport strategy, `client` the client proxy, and `connection` a nats.js connection that the
 * application injects to use it as it is.
 */
export type Role = 'server' | 'client' | 'connection';

const EVERY_ROLE: Readonly<Record<Role, true>> = { server: true, client: true, connection: true };

/** Every role. */
export const ROLES = Object.keys(EVERY_ROLE) as readonly Role[];

/**
 * What a provider is told about one call.
 * @public
 */
export interface UserInfoRequest {
  /** The registration's name. */
  readonly connection: string;
  /**
   * What the connection is for; `shared` when what the call gives may be presented by every role: ahead of an expiry, after a change, for a
   * refresh by hand, and once more than one role is in use. Never `shared` under `refresh.perRole`.
   */
  readonly role: Role | 'shared';
  /** Why user info is wanted. */
  readonly reason: RefreshReason;
  /** `host:port` about to be dialled, when one is. */
  readonly server?: string;
  /** 1, 2, … since the last call that gave something. */
  readonly attempt: number;
  /** The last provider failure or server rejection. After a rejection, do not answer from a cache. */
  readonly previousError?: Error;
  /** Aborted on time-out, on close and on application shutdown. */
  readonly signal: AbortSignal;
}
