import { NatsAuthError, scrub } from '../base/index.js';

/** Why clients are refused, for metrics. */
export const REFUSAL_REASONS = [
  'credentials',
  'expired',
  'unknown',
  'forbidden',
  'account',
  'source',
  'connection_type',
  'revoked',
  'busy',
] as const satisfies readonly RefusalReason[];

/**
 * Why a client is refused: its credentials are wrong, or have expired; nobody knows it; it may not come in; not into that account, not from
 * there, not in that way, no more; or there was no time for it.
 * @public
 */
export type RefusalReason =
  | 'credentials'
  | 'expired'
  | 'unknown'
  | 'forbidden'
  | 'account'
  | 'source'
  | 'connection_type'
  | 'revoked'
  | 'busy';

/**
 * An authorizer throws it to refuse a client. The message is for logs: of the callout, and of the server if `callout.refusals` is `answer`. The client
 * hears `Authorization Violation`.
 * @public
 */
export class RefusedError extends NatsAuthError {
  override name = 'RefusedError';
  /** Why, for metrics. */
  readonly reason: RefusalReason;

  /** @param options.reason default: `credentials`. */
  constructor(message: string, options: ErrorOptions & { reason?: RefusalReason } = {}) {
    super('REFUSED', message, options);
    this.reason = options.reason ?? 'credentials';
  }
}

/**
 * What an authorizer returned is no admission. The client does not come in, and the event `failed` tells it with the cause `invalid`.
 * @public
 */
export class AdmissionInvalidError extends NatsAuthError {
  /** Where in the admission, such as `permissions.publish.allow[0]`; `*` for the whole of it. What looks like a secret is taken out of it, as of the message. */
  readonly field: string;
  override name = 'AdmissionInvalidError';
  /** The authorizer would return it again. */
  readonly retryable = false;

  constructor(field: string, problem: string) {
    const where = field === '*' ? '' : ` '${field}'`;
    super('ADMISSION_INVALID', `The admission of the authorizer makes no sense:${where} ${problem}.`);
    // It may be a name that the authorizer took from what the client presented.
    this.field = scrub(field);
  }
}
