import type { RefreshReason, Role } from '../provider/user-info-provider.js';
import type { RefreshFailureCause } from '../provider/with-tracing.js';
import type { ResolvedUserInfo, UserInfoSummary } from '../user-info/resolved-user-info.js';

/** How an establishment got user info without a provider call of its own. */
export type ReuseKind = 'shared' | 'cached' | 'stale';

/** What is told of each provider call. */
export interface RefreshEvent {
  readonly connection: string;
  readonly reason: RefreshReason;
  readonly role: Role | 'shared';
  readonly attempt: number;
  readonly durationMs: number;
}

/**
 * What a credential source tells. Printed, an event shows no secret. The one that carries secrets is `renewed`: the
 * `reveal()` of its user info gives them to code that asks.
 * @public
 */
export interface CredentialEvents {
  /** A provider call returned usable user info. */
  refreshed: RefreshEvent & { readonly userInfo: UserInfoSummary };
  /** A provider call did not. */
  refreshFailed: RefreshEvent & { readonly cause: RefreshFailureCause; readonly error: Error };
  /** An establishment was served without a call of its own. */
  reused: { readonly connection: string; readonly role: Role; readonly kind: ReuseKind };
  /**
   * Newer user info is there. With the trigger `ahead` (an expiry is near, or the provider told of a change) live
   * connections move to it by themselves, unless `rotation.mode` is `none`. With `manual` they stay as they are.
   */
  renewed: {
    readonly connection: string;
    /** Whose connections it is for: `shared` for all of them, unless `refresh.perRole` is set. */
    readonly role: Role | 'shared';
    readonly trigger: 'ahead' | 'manual';
    readonly userInfo: ResolvedUserInfo;
  };
}
