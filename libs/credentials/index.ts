export type { Cause, RefreshReason } from './cause.js';
export {
  UserInfoInvalidError,
  UserInfoNotNewerError,
  UserInfoTimeoutError,
  UserInfoUnavailableError,
} from './errors.js';
export {
  type Role,
  ROLES,
  type UserInfoProvider,
  type UserInfoRequest,
} from './provider/user-info-provider.js';
export { checkFunction, checkProvider, derived } from './provider/derived.js';
export { type RetryPolicy, withRetry } from './provider/with-retry.js';
export { withTimeout } from './provider/with-timeout.js';
export { type RefreshFailureCause, type TracedCall, withTracing } from './provider/with-tracing.js';
export { withValidation } from './provider/with-validation.js';
export { CredentialSource } from './source/credential-source.js';
export type { Hold } from './source/live-connections.js';
export type { CredentialEvents, RefreshEvent, ReuseKind } from './source/events.js';
export {
  type AheadOptions,
  type RefreshOptions,
  type RefreshSettings,
  refreshSettings,
  type RetryOptions,
} from './source/options.js';
export type {
  AfterLoss,
  CredentialSourceOptions,
  NewerUserInfoListener,
  ResolveRequest,
} from './source/source-contract.js';
export { type ParsedCreds, parseCreds } from './user-info/creds.js';
export { jwtExpiry } from './user-info/expiry.js';
export { saysTheSame } from './user-info/renewal.js';
export { ResolvedUserInfo, type UserInfoSummary } from './user-info/resolved-user-info.js';
export type { UserInfo, UserInfoKind } from './user-info/user-info.js';
export { validateUserInfo } from './user-info/validate.js';
