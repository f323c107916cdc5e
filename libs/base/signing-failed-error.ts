import { describeError } from './describe-error.js';
import { NatsAuthError } from './errors.js';

/**
 * A signer of the application failed, or returned no signature; `cause` says why.
 * @public
 */
export class SigningFailedError extends NatsAuthError {
  override name = 'SigningFailedError';

  /** @param signer whose it is, for the message. */
  constructor(cause: Error, signer = 'The signer of the user info') {
    super('SIGNING_FAILED', `${signer} failed: ${describeError(cause)}`, { cause });
  }
}
