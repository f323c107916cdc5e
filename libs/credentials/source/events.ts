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
  /** 1, 2, … within one resolution. */
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
  refreshFailed: RefreshEvent & { readonly cause: RefreshFailureCause; readonly error: Error };
  /** An establishment was served without a call of its own. */
  reused: { readonly connection: string; readonly role: Role; readonly kind: ReuseKind };
}
