export { Emitter, type Listener } from './emitter.js';
export {
  asError,
  ClosedError,
  isRetryable,
  NatsAuthError,
  type NatsAuthErrorCode,
  OptionsInvalidError,
  PackageMissingError,
  retryAfter,
  UserInfoInvalidError,
  UserInfoTimeoutError,
  UserInfoUnavailableError,
} from './errors.js';
export { exportsOf } from './exports-of.js';
export { isolated } from './isolated.js';
export { inCallersContext, inOwnContext } from './own-context.js';
export type {
  RefreshReason,
  Role,
  UserInfoProvider,
  UserInfoRequest,
} from './provider/user-info-provider.js';
export { checkFunction, checkProvider, derived } from './provider/derived.js';
export { type RetryPolicy, withRetry } from './provider/with-retry.js';
export { withTimeout } from './provider/with-timeout.js';
export { type RefreshFailureCause, type TracedCall, withTracing } from './provider/with-tracing.js';
export { withValidation } from './provider/with-validation.js';
export { describeError, REDACTED, scrub, shown, typeOf } from './redaction.js';
export {
  CredentialSource,
  type CredentialSourceOptions,
  type Hold,
  type ResolveRequest,
} from './source/credential-source.js';
export type { CredentialEvents, ReuseKind } from './source/events.js';
export {
  type AheadOptions,
  type BackoffOptions,
  backoffSettings,
  count,
  duration,
  knownKeys,
  oneOf,
  type RefreshOptions,
  type RefreshSettings,
  refreshSettings,
  type RetryOptions,
} from './source/options.js';
export { type Backoff, backoffDelay } from './time/backoff.js';
export { type Clock, LONGEST_TIMER_MS, sleep, systemClock } from './time/clock.js';
export { LateAbort } from './time/late-abort.js';
export { Pauses } from './time/pauses.js';
export { VirtualClock } from './time/virtual-clock.js';
export { type ParsedCreds, parseCreds } from './user-info/creds.js';
export { jwtClaims, jwtExpiry } from './user-info/expiry.js';
export { ResolvedUserInfo, type UserInfoSummary } from './user-info/resolved-user-info.js';
export type { UserInfo, UserInfoKind } from './user-info/user-info.js';
export { validateUserInfo } from './user-info/validate.js';
