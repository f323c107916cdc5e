import { NatsAuthError } from '../../base/index.js';

/**
 * An authorizer has not decided in time, so the client was refused.
 * @public
 */
export class AuthorizerTimeoutError extends NatsAuthError {
  override name = 'AuthorizerTimeoutError';

  /** @param timeoutMs how long it had, in ms; `isServers` says that the server waits no longer. */
  constructor(timeoutMs: number, isServers: boolean) {
    const limit = isServers
      ? 'The server waits no longer: see its authorization timeout.'
      : "See 'callout.timeout'.";
    super(
      'AUTHORIZER_TIMEOUT',
      `The authorizer has not decided within ${Math.round(timeoutMs)} ms. ${limit}`,
    );
  }
}
