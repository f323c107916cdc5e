import type { LateAbort } from '../../base/index.js';
import type { UserInfoRequest } from './user-info-provider.js';

/** A request whose signal is made when somebody looks at it. */
export class LateRequest implements UserInfoRequest {
  readonly connection: string;
  readonly role: UserInfoRequest['role'];
  readonly reason: UserInfoRequest['reason'];
  readonly server?: string;
  readonly attempt: number;
  readonly previousError?: Error;
  declare readonly signal: AbortSignal;
  readonly #abort: LateAbort;

  // An own property, so that a spread copies it; one getter for all, because V8 would make a hidden class for each.
  static readonly #signal = {
    enumerable: true,
    get(this: LateRequest): AbortSignal {
      return this.#abort.signal;
    },
  };

  constructor(request: Omit<UserInfoRequest, 'signal'>, abort: LateAbort) {
    this.connection = request.connection;
    this.role = request.role;
    this.reason = request.reason;
    this.server = request.server;
    this.attempt = request.attempt;
    this.previousError = request.previousError;
    this.#abort = abort;
    Object.defineProperty(this, 'signal', LateRequest.#signal);
  }
}
