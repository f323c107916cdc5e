import type { RefreshReason } from '../cause.js';
import type { Role } from '../provider/user-info-provider.js';
import type { RefreshFailureCause } from '../provider/with-tracing.js';
import type { UserInfoSummary } from '../user-info/resolved-user-info.js';

/** How an establishment got user info without a provider call of its own. */
export type ReuseKind = 'shared' | 'cached' | 'stale';

/**
 * What is told of each provider call.
 * @public
 */
export interface RefreshEvent {
  /** The registration's name. */
  readonly connection: string;
  /** Why user info was wanted. */
  readonly reason: RefreshReason;
  /** Who may present what the call gives. */
  readonly role: Role | 'shared';
  /** 1, 2, … since the last call that gave something. */
  readonly attempt: number;
  /** How long the call took, in ms. */
  readonly durationMs: number;
}

/**
 * What a credential source tells. None of these events holds a secret.
 * @public
 */
export interface CredentialEvents {
  /** A provider call returned usable user info. */
  refreshed: RefreshEvent & { readonly userInfo: UserInfoSummary };
  /** A provider call did not. */
  refreshFailed: RefreshEvent & {
    readonly cause: RefreshFailureCause;
    readonly error: Error;
    /** The shortest pause before the next call, in ms; absent when none follows by itself. */
    readonly retryInMs?: number;
    /**
     * For how long what live connections use stays valid, in ms; absent when there is no connection, or no expiry is known.
     */
    readonly validForMs?: number;
  };
  /** An establishment was served without a call of its own. */
  reused: {
    /** The registration's name. */
    readonly connection: string;
    readonly role: Role;
    readonly kind: ReuseKind;
    /** What it presents. */
    readonly userInfo: UserInfoSummary;
  };
  /** The next refresh ahead of an expiry is planned for another moment, or none is any more. */
  refreshScheduled: {
    /** The registration's name. */
    readonly connection: string;
    /** Whose user info it renews; a role under `refresh.perRole`. */
    readonly role: Role | 'shared';
    /** In ms since the epoch; a moment in the past while the refresh that is due is under way. Absent: none is planned. */
    readonly at?: number;
  };
}
