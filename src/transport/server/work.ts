/** It is kept in the message: a `WeakMap` of messages costs the garbage collector more than all else here. */
const WORK = Symbol('work');

/** What is being done about one message, from its arrival to the last packet of its reply. */
export class Work {
  #replying = false;
  #ended = false;

  private constructor(private readonly onEnd: () => void) {}

  static begin(message: object, onEnd: () => void): Work {
    const work = new Work(onEnd);
    (message as Worked)[WORK] = work;
    return work;
  }

  /** The work on `message`, if it came in on a session. */
  static on(message: object): Work | undefined {
    return (message as Worked)[WORK];
  }

  /** There is a reply that outlasts the handler: `replied()` ends the work. */
  replying(): void {
    this.#replying = true;
  }

  /** The last packet of the reply is on its way. */
  replied(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }

  /** The handler has returned. */
  handled(): void {
    if (!this.#replying) this.replied();
  }
}

interface Worked {
  [WORK]?: Work;
}
