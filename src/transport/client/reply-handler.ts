import type { QuickDeserializer } from '../json/quick-deserializer.js';
import type { ReplyHandler } from './inbox/index.js';

/** What the observer of a request is told. */
interface Told {
  readonly err?: unknown;
  readonly response?: unknown;
  readonly isDisposed?: boolean;
}

/**
 * As the stock handler of replies, but what is read at once is told at once: an `async` function costs each reply two promises. While it
 * waits it keeps the id of the request, and not its payload.
 * @param stock handles what is no packet: an error, and the empty message that says that nobody listens.
 */
export function replyHandler(
  id: string,
  reader: QuickDeserializer,
  tell: (packet: Told) => unknown,
  stock: () => ReplyHandler,
): ReplyHandler {
  return (error, message) => {
    const { data } = message as { readonly data?: Uint8Array };
    if (error || data?.length === 0) return stock()(error, message);
    const { id: of, err, response, isDisposed } = reader.deserialize(message) as Told & { id?: unknown };
    if (of && of !== id) return undefined;
    return tell(isDisposed || err ? { err, response, isDisposed: true } : { err, response });
  };
}
