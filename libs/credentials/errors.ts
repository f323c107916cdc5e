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
