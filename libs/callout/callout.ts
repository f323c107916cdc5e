import { asError, type Clock, type Emitter, LONGEST_TIMER_MS, systemClock } from '../base/index.js';
import type { Authorizer } from './authorizer.js';
import { Authorization, type Desk, type Step } from './engine/authorization.js';
import { Deadlines } from './engine/deadlines.js';
import { Fifo } from './engine/fifo.js';
import { SeenRequests } from './engine/seen-requests.js';
import type { CalloutEvents } from './events.js';
import { RequestInvalidError } from './request/request-error.js';
import { verifiedRequest, type VerifiedRequest } from './request/verify-request.js';
import type { CalloutSettings } from './settings.js';

/** A message of `$SYS.REQ.USER.AUTH`. */
export interface CalloutMessage {
  readonly data: Uint8Array;
  readonly reply?: string;
  /** The header `Nats-Server-Xkey`. */
  readonly serverXkey?: string;
  /** Sends the answer. It may throw. */
  respond(answer: Uint8Array): void;
}

/** Where servers ask. */
export const CALLOUT_SUBJECT = '$SYS.REQ.USER.AUTH';

/** What a callout works with. */
export interface CalloutParts {
  /** The registration's name, for events. */
  readonly connection: string;
  readonly settings: CalloutSettings;
  readonly authorizer: Authorizer;
  readonly events: Emitter<CalloutEvents>;
  readonly clock?: Clock;
}

/** How long clients out of the queue are looked at before sockets and timers have their turn. */
const LONGEST_TURN_MS = 10;

/**
 * Answers the requests of servers: each at most once. So many are looked at at once as `concurrency` says; the others wait for their turn, which helps a herd
 * more than to drop them would. What is not answered in the end is told by an event, as is everything else.
 */
export class Callout {
  readonly #clock: Clock;
  readonly #desk: Desk;
  readonly #revoked: Set<string>;
  readonly #seen: SeenRequests;
  readonly #queue = new Fifo<Authorization>();
  /** All that have not ended, and what to call when they have. */
  readonly #open = new Map<Authorization, () => void>();
  readonly #steps: Record<Step, number> = { arrived: 0, waiting: 0, authorizing: 0, answering: 0, ended: 0 };
  /** While clients are taken out of the queue: until when, by `elapsed()`. */
  #turn?: { readonly until: number };
  #isStarting = false;
  #finishing?: Promise<void>;
  #isFinished = false;
  #onIdle = () => {};

  constructor(private readonly parts: CalloutParts) {
    const { connection, events, settings, authorizer, clock = systemClock } = parts;
    const revoked = new Set(settings.revoked);
    this.#clock = clock;
    this.#revoked = revoked;
    this.#seen = new SeenRequests(clock);
    this.#desk = {
      ...{ connection, events, clock },
      deadlines: new Deadlines(clock),
      judges: { settings, authorizer, revoked, now: () => clock.now() },
      moved: (authorization, from, to) => this.#moved(authorization, from, to),
    };
  }

  /** What is under way. */
  get load(): { readonly inFlight: number; readonly queued: number } {
    return { inFlight: this.#steps.authorizing + this.#steps.answering, queued: this.#steps.waiting };
  }

  /**
   * Takes a request. It neither throws nor rejects, whatever is in it; it resolves when the request is answered, or will not be: the connection that it came in on
   * must not close before.
   */
  receive(message: CalloutMessage): Promise<void> {
    const { connection, events } = this.parts;
    events.emit('requested', { connection });
    let verified: VerifiedRequest;
    try {
      verified = this.#verified(message);
    } catch (thrown) {
      const error = asInvalid(thrown);
      events.emit('discarded', { connection, problem: error.problem, error });
      return Promise.resolve();
    }
    const authorization = new Authorization(verified, (answer) => message.respond(answer), this.#desk);
    const ended = new Promise<void>((resolve) => this.#open.set(authorization, resolve));
    this.#begin(authorization);
    return ended;
  }

  /** Refuses whom this names from now on: the name of an admission, or a public NKey. */
  revoke(who: string): void {
    this.#revoked.add(who);
    this.#administered('revoked', who);
  }

  /** Takes a revocation back. */
  restore(who: string): void {
    this.#revoked.delete(who);
    this.#administered('restored', who);
  }

  /**
   * Resolves when nothing is under way any more; what is after `gracePeriod` ms is aborted, and refused. The subscription must have ended.
   * What arrives later is refused at once.
   */
  finish(gracePeriod: number): Promise<void> {
    this.#finishing ??= this.#idle(gracePeriod).then(() => void (this.#isFinished = true));
    return this.#finishing;
  }

  async #idle(gracePeriod: number): Promise<void> {
    if (this.#open.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    const cancel = this.#clock.after(Math.min(gracePeriod, LONGEST_TIMER_MS), () => {
      for (const authorization of this.#open.keys()) authorization.stop();
    });
    await idle;
    cancel();
  }

  #verified(message: CalloutMessage): VerifiedRequest {
    const verified = verifiedRequest(message, this.parts.settings, this.#clock.now());
    if (this.#seen.isNew(verified.marks, verified.lifeMs)) return verified;
    throw new RequestInvalidError(
      'repeated',
      'The request, or one with the same user NKey or reply, came before.',
    );
  }

  #begin(authorization: Authorization): void {
    if (this.#isFinished) return authorization.stop();
    const { inFlight, queued } = this.load;
    if (queued === 0 && inFlight < this.parts.settings.concurrency) return authorization.start();
    authorization.wait();
    this.#queue.push(authorization);
  }

  #startNext(): void {
    // One that ends at once calls this again: the loop goes on, and not deeper.
    if (this.#isStarting || this.load.queued === 0) return;
    const { until } = this.#thisTurn();
    this.#isStarting = true;
    while (this.load.inFlight < this.parts.settings.concurrency && this.#clock.elapsed() < until) {
      const next = this.#queue.shift();
      if (!next) break;
      if (next.step === 'waiting') next.start();
    }
    this.#isStarting = false;
  }

  /** Authorizers that answer at once would have all of a herd decided in one go, in which nothing is sent and no deadline is seen. */
  #thisTurn(): { readonly until: number } {
    if (this.#turn) return this.#turn;
    setImmediate(() => {
      this.#turn = undefined;
      this.#startNext();
    });
    return (this.#turn = { until: this.#clock.elapsed() + LONGEST_TURN_MS });
  }

  #moved(authorization: Authorization, from: Step, to: Step): void {
    this.#steps[from]--;
    this.#steps[to]++;
    if (to === 'ended') this.#ended(authorization);
    this.parts.events.emit('load', { connection: this.parts.connection, ...this.load });
    if (to !== 'ended') return;
    this.#startNext();
    if (this.#open.size === 0) this.#onIdle();
  }

  #ended(authorization: Authorization): void {
    this.#open.get(authorization)?.();
    this.#open.delete(authorization);
  }

  #administered(action: 'revoked' | 'restored', who: string): void {
    const { connection, events } = this.parts;
    events.emit('administered', { connection, action, who });
  }
}

/** What else is thrown is a request of a form that nobody thought of. */
function asInvalid(thrown: unknown): RequestInvalidError {
  if (thrown instanceof RequestInvalidError) return thrown;
  return new RequestInvalidError('malformed', 'The request could not be read.', { cause: asError(thrown) });
}
