import type { Admission } from './admission.js';
import type { CalloutRequest } from './request/callout-request.js';

/**
 * Decides who may come in.
 * @public
 */
export interface Authorizer {
  /**
   * Called once for each client that connects.
   * @throws {@link RefusedError} to refuse the client. Whatever else is thrown is a failure: the client is refused as well, and the failure is told.
   */
  authorize(request: CalloutRequest, context: AuthorizeContext): Admission | Promise<Admission>;
}

/**
 * What an authorizer gets besides the request.
 * @public
 */
export interface AuthorizeContext {
  /** Aborted when nobody waits for the answer any more, and on shutdown after the grace period. */
  readonly signal: AbortSignal;
}
