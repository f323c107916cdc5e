import type { UserInfo } from '../user-info/user-info.js';

/**
 * Gives the user info that a connection will present. Called on every connect and reconnect, after a rejection,
 * and ahead of expiry; calls of one registration never overlap.
 *
 * Throw any error to have the call retried with backoff; set `retryable: false` on it to end the attempt at once.
 * @public
 */
export interface UserInfoProvider {
  /** Gives the user info for one establishment, or throws. */
  getUserInfo(request: UserInfoRequest): UserInfo | Promise<UserInfo>;

  /**
   * For a provider that learns of newer user info by itself, such as from a file that was replaced: it calls `changed`,
   * and live connections rotate. Called while a connection is up; the returned function ends it.
   */
  watch?(changed: () => void): () => void;
}

/** Why user info is wanted. */
export type RefreshReason = 'connect' | 'reconnect' | 'rejected' | 'expiring' | 'manual';

/** Who connects: the transport strategy, the client proxy, or nobody in particular (a refresh for both). */
export type Role = 'server' | 'client';

/**
 * What a provider is told about one call.
 * @public
 */
export interface UserInfoRequest {
  /** The registration's name. */
  readonly connection: string;
  readonly role: Role | 'shared';
  readonly reason: RefreshReason;
  /** `host:port` about to be dialled, when one is. */
  readonly server?: string;
  /** 1, 2, … within this resolution. */
  readonly attempt: number;
  /** The last provider failure or server rejection. After a rejection, do not answer from a cache. */
  readonly previousError?: Error;
  /** Aborted on time-out, on close and on application shutdown. */
  readonly signal: AbortSignal;
}
