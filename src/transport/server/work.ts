import type { HandledMessage } from '../../tracing/handled-message.js';

/** It is kept in the message: a `WeakMap` of messages costs the garbage collector more than all else here. */
const WORK = Symbol('work');

/** A stream began when nobody could be answered any more. */
const TOO_LATE = { code: 'DISCONNECTED', message: 'The requester cannot be answered any more.' };

/** A packet of a reply. */
export interface Packet {
  readonly err?: unknown;
  readonly response?: unknown;
  readonly isDisposed?: boolean;
}

/** Sends the packets of a reply, one by one. */
export type Respond = (packet: Packet) => void;

/** Knows, from packet to packet, whether the requester is still waiting. */
export interface Requester {
  /** The reply subject of the next packet, at which the NATS server reports "no responders"; absent when it is not time to ask. */
  ask(): string | undefined;
  forget(): void;
}

/** Where work is done. */
export interface Workplace {
  /** Whether a stream that begins now can only be cut off. */
  readonly over: boolean;
  began(): void;
  ended(): void;
  /**
   * The replies to a request come from a stream that goes on.
   * @returns what knows whether the requester still listens.
   */
  streaming(work: Work): Requester;
  streamed(work: Work): void;
  /** A teardown that the handler attached to its stream has thrown. */
  teardownFailed(error: unknown): void;
}

/** The part of an rxjs `Subscription` that work has to do with. */
interface Stream {
  readonly closed: boolean;
  add(teardown: () => void): void;
  unsubscribe(): void;
}

/**
 * The processing of one message: from its arrival until its handler has finished and the last packet of its reply, if it wants
 * one, has been published.
 */
export class Work {
  /** Sends a packet to the requester; packets after the last one are dropped. */
  respond?: Respond;
  #handling = true;
  #replying = false;
  #answered = false;
  #stream?: Stream;
  #requester?: Requester;

  private constructor(
    private readonly place: Workplace,
    /** The message, if somebody follows it. */
    readonly followed: HandledMessage | undefined,
  ) {}

  static begin(message: object, place: Workplace, followed?: HandledMessage): Work {
    const work = new Work(place, followed);
    (message as Worked)[WORK] = work;
    place.began();
    return work;
  }

  /** The work on `message`, or that which a publisher replies for. */
  static on(message: object): Work | undefined {
    return (message as Worked)[WORK];
  }

  /** Whether the last packet of the reply has gone out. */
  get answered(): boolean {
    return this.#answered;
  }

  /** The subject at which the NATS server reports that nobody subscribes the next packet, when that should be checked. */
  get askAt(): string | undefined {
    return this.#requester?.ask();
  }

  /** Replies are sent with `respond`, which calls `replied()` after the last one. */
  repliesWith(respond: Respond): Respond {
    (respond as unknown as Worked)[WORK] = this;
    this.respond = respond;
    return respond;
  }

  /** The handler has finished, successfully or not. */
  handled(): void {
    if (!this.#handling) return;
    this.#handling = false;
    if (!this.#replying) this.#ended();
  }

  /** The values of `stream` are the reply, which may outlast the handler. */
  repliesFrom(stream: Stream): void {
    if (this.#answered) {
      this.#stream = stream;
      return this.cutOff(TOO_LATE);
    }
    // A hook may have returned before it let the handler begin.
    if (!this.#handling) this.place.began();
    this.#replying = true;
    // It has told all, and what it has told is sent next.
    if (stream.closed) return;
    this.#stream = stream;
    this.#requester = this.place.streaming(this);
    // Whatever ends it: the last packet, if there is one, has gone out by then.
    stream.add(() => setImmediate(() => this.replied()));
    if (this.place.over) this.cutOff(TOO_LATE);
  }

  /** The last packet of the reply is on its way, or never will be. */
  replied(): void {
    this.#answered = true;
    if (this.#stream) this.place.streamed(this);
    this.#requester?.forget();
    this.#stream = this.#requester = undefined;
    if (!this.#replying) return;
    this.#replying = false;
    if (!this.#handling) this.#ended();
  }

  #ended(): void {
    this.followed?.done();
    this.place.ended();
  }

  /**
   * Tears down the stream that replies.
   * @param why what those who follow it are told.
   * @param lastWords what the requester hears of it.
   */
  cutOff(why: unknown, lastWords?: Packet): void {
    const stream = this.#stream;
    if (lastWords) this.respond?.(lastWords);
    this.followed?.failed(why);
    this.replied();
    try {
      stream?.unsubscribe();
    } catch (error) {
      this.place.teardownFailed(error);
    }
  }
}

interface Worked {
  [WORK]?: Work;
}
