export { type BackoffOptions, backoffSettings } from './backoff-options.js';
export { boundedBytes } from './bounded-bytes.js';
export { coalesced } from './coalesced.js';
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
} from './errors.js';
export { exportsOf } from './exports-of.js';
export { fileSystemError, FileUnusableError } from './file-unusable-error.js';
export { isolated } from './isolated.js';
export { jwtClaims } from './jwt-claims.js';
export {
  count,
  duration,
  flag,
  knownKeys,
  noneUndefined,
  number,
  oneOf,
  undefinedKey,
  unsetHint,
} from './option-checks.js';
export { ed25519PrivateKey, ed25519PublicKey, rawPublicKey } from './nkeys/ed25519.js';
export {
  type Nkey,
  type NkeyKind,
  parsePublicNkey,
  parseSeed,
  publicNkey,
  publicUserNkey,
  seedNkey,
} from './nkeys/nkey.js';
export type { Facts, Observer, Operation, OperationKind } from './operation.js';
export { inCallersContext, inOwnContext } from './own-context.js';
export { withCauses } from './causes.js';
export { describeError } from './describe-error.js';
export { describeValue, quoted } from './redaction.js';
export { REDACTED, scrub } from './scrub.js';
export { SigningFailedError } from './signing-failed-error.js';
export { setAlarm } from './time/alarm.js';
export { type Backoff, backoffDelay } from './time/backoff.js';
export { type Clock, LONGEST_TIMER_MS, sleep, systemClock } from './time/clock.js';
export { Pauses } from './time/pauses.js';
export { VirtualClock } from './time/virtual-clock.js';
