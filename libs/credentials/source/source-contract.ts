import type { Backoff, Clock, Emitter, Observer, Operation, Pauses } from '../../base/index.js';
import type { Cause, RefreshReason } from '../cause.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { CredentialEvents } from './events.js';
import type { RefreshSettings } from './options.js';

/** What a source is made of. */
export interface CredentialSourceOptions {
  /** The registration's name. */
  readonly connection: string;
  readonly provider: UserInfoProvider;
  /** The only role whose connections it serves: each call names it. Default: it serves all. */
  readonly role?: Role;
  readonly refresh: RefreshSettings;
  /** Backoff between consecutive rejections. */
  readonly rejection: Backoff;
  readonly events: Emitter<CredentialEvents>;
  /** Follows each provider call. Default: nobody does. */
  readonly observer?: Observer;
  /**
   * Where calls that failed wait to be made again. Sources of one provider share it: a call of one that succeeds is a sign of life for
   * all. Default: its own.
   */
  readonly pauses?: Pauses;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** One establishment that wants user info. */
export interface ResolveRequest {
  readonly role: Role;
  readonly reason: RefreshReason;
  /** Until the first connect has succeeded, provider failures are counted towards `retry.maxAttempts`. */
  readonly firstConnect: boolean;
  /** `host:port` about to be dialled. */
  readonly server?: string;
  readonly previousError?: Error;
  /** Ends the wait for it. */
  readonly signal?: AbortSignal;
  /**
   * When the establishment began, in ms since the epoch: it may have waited for its turn to dial. It shares what was resolved
   * for another one meanwhile. Default: now.
   */
  readonly since?: number;
  /** What the user info is wanted for. */
  readonly within?: Operation;
}

/** Why live connections are to move to newer user info. */
export type NewerCause = Extract<Cause, 'expiring' | 'changed'>;

/** Moves a live connection to newer user info, which it may hear of again when two refreshes shared a call. It must not throw. */
export type NewerUserInfoListener = (userInfo: ResolvedUserInfo, cause: NewerCause) => void;

/**
 * How presenting user info to a server ended. `suspected`: the server may have rejected it, but has not said so. `failed` says nothing
 * about the user info itself.
 */
export type Outcome = 'accepted' | 'rejected' | 'suspected' | 'failed';
