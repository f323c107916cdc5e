export { type BackoffOptions, backoffSettings } from './backoff-options.js';
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
export { isolated } from './isolated.js';
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
export type { Facts, Observer, Operation, OperationKind } from './operation.js';
export { inCallersContext, inOwnContext } from './own-context.js';
export { withCauses } from './causes.js';
export { describeError } from './describe-error.js';
export { describeValue, quoted } from './redaction.js';
export { REDACTED, scrub } from './scrub.js';
export { setAlarm } from './time/alarm.js';
export { type Backoff, backoffDelay } from './time/backoff.js';
export { type Clock, LONGEST_TIMER_MS, sleep, systemClock } from './time/clock.js';
export { Pauses } from './time/pauses.js';
export { VirtualClock } from './time/virtual-clock.js';
