import { parseServerError } from '../dialling/server-error.js';
import type { DialCredentials, MoveCause } from './dial-credentials.js';

/**
 * The part of a nats.js connection, 2.x or 3.x, that is needed to follow it.
 * @public
 */
export interface FollowedConnection {
  /** What happens to the connection. */
  status(): AsyncIterable<object>;
  /** Resolves when it is closed for good. */
  closed(): Promise<unknown>;
  /** Resolves when the server has what was sent before. */
  flush(): Promise<void>;
  /** Drops the socket and dials again. */
  reconnect(): Promise<void>;
}

/**
 * Follows a connection that a library has opened with options of this package. Tells the source what the server makes of the credentials, and
 * has it reconnect on newer ones.
 * @param reconnects whether it does for that reason.
 * @returns a function that ends that; it ends by itself when the connection is closed.
 */
export function follow(
  connection: FollowedConnection,
  credentials: DialCredentials,
  reconnects: (cause: MoveCause) => boolean,
): () => void {
  const over = new AbortController();
  const stopMoving = credentials.onNewer((cause) => {
    if (reconnects(cause)) void reconnect(connection);
  });
  const end = () => {
    over.abort();
    stopMoving();
  };
  credentials.report('accepted');
  credentials.joined();
  void connection
    .closed()
    .catch(() => {})
    .then(() => {
      end();
      credentials.left();
    });
  void (async () => {
    for await (const status of connection.status()) {
      if (over.signal.aborted) return;
      const { type } = status as { type?: unknown };
      if (type === 'reconnect') credentials.report('accepted');
      if (type === 'error' && isRejection(status)) credentials.report('rejected');
    }
  })().catch(() => {});
  return end;
}

/** Waits for the server to have what was sent; what is sent or answered meanwhile may be lost with the socket. */
async function reconnect(connection: FollowedConnection): Promise<void> {
  try {
    await connection.flush();
    await connection.reconnect();
  } catch {
    // It is being dialled already, or it is closed.
  }
}

/** nats.js 3.x tells the server's words; 2.x a code, such as `AUTHORIZATION_VIOLATION`. */
function isRejection(status: object): boolean {
  const { error, data } = status as { error?: { message?: unknown }; data?: unknown };
  const said = error?.message ?? data;
  return typeof said === 'string' && parseServerError(said.replaceAll('_', ' ')).type === 'rejected';
}
