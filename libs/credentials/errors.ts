import { NatsAuthError } from '../base/index.js';

/**
 * A provider returned something that is no user info. The message names the field and never its value.
 * @public
 */
export class UserInfoInvalidError extends NatsAuthError {
  override name = 'UserInfoInvalidError';

  constructor(
    /** The field of the user info. */
    readonly field: string,
    /** What is wrong with it, without the field's name. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super('USER_INFO_INVALID', `User info field '${field}': ${problem}`, options);
  }
}

/**
 * The provider gave no user info in the attempts it had; `cause` is its last failure.
 * @public
 */
export class UserInfoUnavailableError extends NatsAuthError {
  override name = 'UserInfoUnavailableError';

  constructor(message: string, options?: ErrorOptions) {
    super('USER_INFO_UNAVAILABLE', message, options);
  }
}

/**
 * Ahead of an expiry the provider gave user info that expires no later than what is in use: it is no renewal. Reported by the event
 * `refreshFailed`, the log and the metric; what is in use stays, and the provider is asked again with backoff.
 * @public
 */
export class UserInfoNotNewerError extends NatsAuthError {
  override name = 'UserInfoNotNewerError';
  /** Who asked for a renewal asks again later; an establishment that waits for the same call must not wait for that. */
  readonly retryable = false;

  constructor(
    /** When that which the provider gave expires, in ms since the epoch. */
    readonly expiresAt: number,
    /** When what is in use expires, in ms since the epoch. */
    readonly inUseUntil: number,
  ) {
    const [given, inUse] = [expiresAt, inUseUntil].map((at) => new Date(at).toISOString());
    super(
      'USER_INFO_NOT_NEWER',
      `The user info provider gave user info that expires at ${given}, no later than what is in use (${inUse}): it is no renewal. Let` +
        ` it fetch newer user info when 'reason' is 'expiring', past its own caches.`,
    );
  }
}

/**
 * One provider call took longer than `refresh.timeout`.
 * @public
 */
export class UserInfoTimeoutError extends NatsAuthError {
  override name = 'UserInfoTimeoutError';

  constructor(
    /** How long was waited, in ms. */
    readonly timeoutMs: number,
  ) {
    super(
      'USER_INFO_TIMEOUT',
      `The user info provider did not answer within ${timeoutMs} ms: make it faster, or raise 'refresh.timeout'.`,
    );
  }
}
