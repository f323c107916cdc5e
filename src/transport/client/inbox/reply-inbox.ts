import { asError } from '../../../../libs/base/index.js';

/** Hears the replies to one request, or why there will be none; what it returns may be a promise. */
export type ReplyHandler = (error: Error | null, message: object) => unknown;

/** A request that may still be answered. */
export interface PendingRequest {
  readonly subject: string;
  readonly onReply: ReplyHandler;
  /** The loss of the connection since which nothing was heard, if there was one. */
  lostWith: object | undefined;
  /** It was answered, or failed. */
  isHeard: boolean;
}

/** Where the replies to the requests on one connection arrive. */
export interface ReplyInbox {
  readonly pending: number;
  /** The requests that are waiting, the oldest first. */
  requests(): PendingRequest[];
  /** Subscribes what all requests share, ahead of the first one. */
  open(): void;
  /** Whether the server has what `open()` subscribes, as far as is known. */
  readonly isOpen: boolean;
  /** Finds out whether the server accepts what it has refused: it answers with the same -ERR if it does not. */
  reopen(): void;
  /** The server has refused `reopen()`. */
  refused(): void;
  /** Whether the server refuses replies when it refuses this subscription. */
  isOf(subject: string): boolean;
  /** Registers a request and returns its reply subject; the request receives what arrives there. */
  add(request: PendingRequest): string;
  /** Removes the request with that reply subject; returns whether there was one. */
  remove(replyTo: string): boolean;
}

/** Delivers a reply. One that cannot be deserialized fails the request: its rejection would be unhandled otherwise. */
export function deliver(request: PendingRequest, message: object): void {
  request.lostWith = undefined;
  request.isHeard = true;
  try {
    const handled = request.onReply(null, message);
    if (handled instanceof Promise)
      handled.catch((failure: unknown) => request.onReply(asError(failure), {}));
  } catch (failure) {
    void request.onReply(asError(failure), {});
  }
}

/** Fails a request; its handler then has it removed. */
export function fail(request: PendingRequest, error: Error): void {
  request.isHeard = true;
  void request.onReply(error, {});
}
