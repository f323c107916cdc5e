import { AsyncLocalStorage } from 'node:async_hooks';

import { isObservable, tap } from 'rxjs';

import type { Followed } from './followed.js';

/** The message that is handled in this async context: NestJS does not hand it to `handleEvent()`. */
const current = new AsyncLocalStorage<HandledMessage>();

/** A packet of a reply. */
interface Packet {
  readonly err?: unknown;
  readonly response?: unknown;
}

/** A message that somebody follows, from its arrival until its handler has finished and its reply is complete. */
export class HandledMessage {
  #replies = 0;
  /** Streams of an event's handler that go on when it has returned. */
  #streams = 0;
  #isDone = false;

  constructor(
    private readonly operation: Followed,
    private readonly isRequest: boolean,
  ) {}

  /** That of this async context. */
  static get current(): HandledMessage | undefined {
    return current.getStore();
  }

  /** Runs what handles it. */
  run<T>(handle: () => T): T {
    return current.run(this, () => this.operation.run(handle));
  }

  /** A packet of the reply goes out. */
  replies({ err, response }: Packet): void {
    if (err !== undefined && err !== null) this.failed(err);
    else if (response !== undefined) this.#replies++;
  }

  failed(error: unknown): void {
    this.operation.failed(error);
  }

  /** Watches how the handler of an event ends, of which NestJS tells nobody. */
  watching<Args extends unknown[]>(handler: (...args: Args) => unknown): (...args: Args) => Promise<unknown> {
    return async (...args) => {
      try {
        const returned = await handler(...args);
        return isObservable(returned) ? this.#watched(returned) : returned;
      } catch (error) {
        this.failed(error);
        throw error;
      }
    };
  }

  /** Its handler has finished, and nothing more is replied. */
  done(): void {
    this.#isDone = true;
    this.#endIfOver();
  }

  #watched(stream: import('rxjs').Observable<unknown>) {
    this.#streams++;
    const over = () => {
      this.#streams--;
      this.#endIfOver();
    };
    return stream.pipe(tap({ error: (error) => this.failed(error), finalize: over }));
  }

  #endIfOver(): void {
    if (!this.#isDone || this.#streams > 0) return;
    this.operation.end(this.isRequest ? { replies: this.#replies } : {});
  }
}
