import { NatsAuthError } from '../../base/index.js';
import type { RequestProblem } from '../events.js';

/**
 * A request to a callout that is not answered: it does not come from a server that may ask, or came before.
 * @public
 */
export class RequestInvalidError extends NatsAuthError {
  override name = 'RequestInvalidError';

  constructor(
    /** What is wrong with it. */
    readonly problem: RequestProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super('REQUEST_INVALID', message, options);
  }
}
