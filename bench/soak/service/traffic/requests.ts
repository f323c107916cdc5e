import { EmptyResponseException } from '@nestjs/microservices/errors/empty-response.exception.js';
import { type NatsAuthClient, NatsAuthError } from 'nestjs-nats-auth';
import { type Subscription, timeout, TimeoutError } from 'rxjs';

import type { FaultWindow } from './fault-window.js';
import type { Problems } from './problems.js';

/** Far longer than a slow machine takes; what was lost in a fault is given up when the fault is over. */
const ANSWER_WITHIN_MS = 15_000;

interface UnderWay {
  subscription?: Subscription;
  readonly excused: () => boolean;
  answers: number;
}

/** Numbered requests, each of which must be answered once and with its own number. */
export class Requests {
  sent = 0;
  answered = 0;
  failedInFaults = 0;
  readonly #underWay = new Set<UnderWay>();

  constructor(
    private readonly client: NatsAuthClient,
    private readonly window: FaultWindow,
    private readonly problems: Problems,
  ) {}

  get pending(): number {
    return this.#underWay.size;
  }

  send(): void {
    const n = this.sent++;
    const request: UnderWay = { excused: this.window.watch('requests'), answers: 0 };
    this.#underWay.add(request);
    request.subscription = this.client
      .send<number>('soak.request', n)
      .pipe(timeout(ANSWER_WITHIN_MS))
      .subscribe({
        next: (answer) => {
          if (answer !== n) this.problems.add('a request got the answer to another one');
          if (++request.answers > 1) this.problems.add('a request was answered twice');
        },
        error: (error: unknown) => this.#failed(request, error),
        complete: () => this.#completed(request),
      });
  }

  /** Unsubscribes, as a caller does who has waited for long enough, from all that a fault may have swallowed. */
  giveUp(): void {
    for (const request of [...this.#underWay]) {
      if (!request.excused()) continue;
      request.subscription?.unsubscribe();
      this.#underWay.delete(request);
      this.failedInFaults++;
    }
  }

  #completed(request: UnderWay): void {
    this.#underWay.delete(request);
    if (request.answers > 0) this.answered++;
    else this.problems.add('a request ended without an answer');
  }

  #failed(request: UnderWay, error: unknown): void {
    this.#underWay.delete(request);
    if (!request.excused()) this.problems.add(`a request failed outside of faults: ${String(error)}`);
    else if (!isExpected(error))
      this.problems.add(`a request failed with an error not ours: ${String(error)}`);
    else this.failedInFaults++;
  }
}

/** Errors that callers are told to expect while a connection is away. */
function isExpected(error: unknown): boolean {
  return [NatsAuthError, EmptyResponseException, TimeoutError].some((expected) => error instanceof expected);
}
