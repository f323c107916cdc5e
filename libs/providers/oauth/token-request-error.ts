import { NatsAuthError } from '../../base/index.js';

/**
 * A token endpoint gave no token. The message holds the server's error code and description, and no secret.
 * @public
 */
export class TokenRequestError extends NatsAuthError {
  override name = 'TokenRequestError';

  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** False when the same request would be refused again. */
  readonly retryable: boolean;
  /** What `Retry-After` asked for, in ms. */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    {
      status,
      retryable,
      retryAfterMs,
      ...options
    }: ErrorOptions & { status?: number; retryable: boolean; retryAfterMs?: number },
  ) {
    super('USER_INFO_UNAVAILABLE', message, options);
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
