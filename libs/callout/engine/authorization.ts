import { type Clock, ClosedError, type Emitter, inOwnContext, isolated } from '../../base/index.js';
import type { CalloutEvents, ClientFacts } from '../events.js';
import { forgetSecrets } from '../request/received-credentials.js';
import { shown, type Shown } from '../request/shown.js';
import type { VerifiedRequest } from '../request/verify-request.js';
import { type Answer, signedAnswer } from './answers.js';
import { AuthorizerTimeoutError } from './authorizer-timeout-error.js';
import { LazyAbort } from './lazy-abort.js';
import type { Deadlines } from './deadlines.js';
import { decide, type Decision, failed, type Judges, refused, type Rejection, tellable } from './decision.js';

/** What all authorizations have in common. */
export interface Desk {
  readonly connection: string;
  readonly clock: Clock;
  readonly events: Emitter<CalloutEvents>;
  readonly judges: Judges;
  readonly deadlines: Deadlines;
  /** Hears of each step. */
  moved(authorization: Authorization, from: Step, to: Step): void;
}

/** Where an authorization is. */
export type Step = State['is'];

type State =
  | { readonly is: 'arrived' }
  | { readonly is: 'waiting' }
  | { readonly is: 'authorizing'; readonly abort: LazyAbort }
  | { readonly is: 'answering' }
  | { readonly is: 'ended' };

/** Servers write their time-out in whole seconds: they may wait that much longer. */
const SECOND_MS = 1_000;

/** One request, from its arrival to its end. Whatever happens, and in whichever order, it is answered at most once and told once. */
export class Authorization {
  #state: State = { is: 'arrived' };
  #cancelDeadline = () => {};
  readonly #arrivedAt: number;
  /** When the server stops waiting. */
  readonly #serverUntil: number;
  readonly #shown: Shown;

  constructor(
    private readonly verified: VerifiedRequest,
    private readonly respond: (answer: Uint8Array) => void,
    private readonly desk: Desk,
  ) {
    this.#arrivedAt = desk.clock.elapsed();
    this.#serverUntil = this.#arrivedAt + verified.waitMs;
    this.#shown = shown(verified);
  }

  get step(): Step {
    return this.#state.is;
  }

  /** Its turn comes later, or not at all: then it is told so as long as its server may hear it. */
  wait(): void {
    const { queueTimeout = Infinity } = this.desk.judges.settings;
    this.#to({ is: 'waiting' });
    this.#deadline(Math.min(this.#arrivedAt + queueTimeout, this.#serverUntil), () =>
      this.#interrupt(busy()),
    );
  }

  /** Asks the authorizer. */
  start(): void {
    const abort = new LazyAbort();
    const { settings } = this.desk.judges;
    const now = this.desk.clock.elapsed();
    if (now >= this.#serverUntil) return this.#conclude(busy());
    const isServers = this.#serverUntil < now + settings.timeout;
    const until = isServers ? this.#serverUntil : now + settings.timeout;
    this.#to({ is: 'authorizing', abort });
    this.#deadline(until, () =>
      this.#interrupt(failed('timeout', new AuthorizerTimeoutError(until - now, isServers))),
    );
    const { request } = this.verified;
    inOwnContext(() => decide(request, abort, this.desk.judges)).then(
      (decision) => this.#conclude(decision),
      (error: unknown) => this.#conclude(failed('error', error)),
    );
  }

  /** Ends it, as the callout ends: the client is refused, and may try another instance at once. */
  stop(): void {
    if (this.#state.is === 'answering') this.#end(failed('signing', new ClosedError('The callout')));
    else this.#interrupt(refused('busy', 'The callout shuts down.'));
  }

  /** Nobody waits for the authorizer any more. */
  #interrupt(decision: Rejection): void {
    if (this.#state.is === 'authorizing') {
      const { abort } = this.#state;
      inOwnContext(() => abort.abort(decision.error));
    }
    this.#conclude(decision);
  }

  /** The first decision counts. */
  #conclude(decision: Decision): void {
    if (this.#state.is === 'answering' || this.#state.is === 'ended') return;
    const { presented } = this.verified;
    const told = tellable(decision, presented);
    this.#to({ is: 'answering' });
    forgetSecrets(presented);
    if (told.is !== 'admitted' && this.desk.judges.settings.refusals === 'silent') return this.#end(told);
    const until = Math.max(this.#serverUntil, this.desk.clock.elapsed()) + SECOND_MS;
    this.#deadline(until, () =>
      this.#end(failed('signing', new Error('The answer was not signed before the server stopped waiting.'))),
    );
    void signedAnswer(told, this.verified, this.desk.clock.now()).then((answer) => this.#send(answer));
  }

  #send({ decision, data }: Answer): void {
    if (this.#state.is !== 'answering') return;
    let outcome = decision;
    if (data)
      isolated(
        () => this.respond(data),
        (error) => (outcome = failed('answer', error)),
      );
    this.#end(outcome);
  }

  #end(decision: Decision): void {
    if (this.#state.is === 'ended') return;
    this.#cancelDeadline();
    const facts = this.#facts();
    const { events } = this.desk;
    switch (decision.is) {
      case 'admitted': {
        const { name, account, expiresAt } = decision.admission;
        events.emit('admitted', { ...facts, name, account, expiresAt });
        break;
      }
      case 'refused':
        events.emit('refused', { ...facts, reason: decision.reason, error: decision.error });
        break;
      case 'failed':
        events.emit('failed', { ...facts, cause: decision.cause, error: decision.error });
    }
    this.#to({ is: 'ended' });
  }

  #facts(): ClientFacts {
    return {
      connection: this.desk.connection,
      ...this.#shown,
      durationMs: this.desk.clock.elapsed() - this.#arrivedAt,
    };
  }

  #deadline(at: number, ring: () => void): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.desk.deadlines.add(at, ring);
  }

  #to(state: State): void {
    const from = this.#state.is;
    this.#state = state;
    this.desk.moved(this, from, state.is);
  }
}

function busy(): Rejection {
  return refused('busy', 'The callout had no time for the client: too many come at once.');
}
