import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { asError } from '../../base/index.js';
import { TlsUnavailableError } from '../errors.js';
import type { SocketInternals, TransportInternals } from '../drivers/internals.js';

/**
 * Fails a dial at once, and leaves no socket behind, where nats.js would wait for its timeout: when the dial is abandoned
 * while the socket still connects, and when the server closes the connection without answering `CONNECT`.
 */
export function failFast(
  transport: TransportInternals,
  pong: Promise<void>,
  closed: (cause?: Error) => void,
  notNats: (garbage: Error) => Error,
  demandsTls: boolean,
): void {
  void transport.closed().then(closed);
  const connect = transport.connect.bind(transport);
  transport.connect = async (server, options) => {
    const connecting = noteSocket(transport, () => connect(server, options));
    try {
      await Promise.race([connecting, pong]);
    } catch (error) {
      discard(transport);
      connecting.catch(() => {});
      if (demandsTls && isWithoutTls(error)) throw new TlsUnavailableError({ cause: error });
      throw isGarbage(error) ? notNats(error) : error;
    }
    // The transport does not report a socket that closed before it listened to it.
    if (transport.socket?.destroyed) closed();
  };
}

/** The socket of each transport, known before it is connected. */
const sockets = new WeakMap<TransportInternals, Pick<SocketInternals, 'destroy'>>();
/** The diagnostics channel on which Node.js publishes each client socket. */
const SOCKETS_MADE = 'net.client.socket';

/** nats.js exposes a socket only when it is connected; Node.js publishes it when it is created, while `connect` runs. */
function noteSocket<T>(transport: TransportInternals, connect: () => T): T {
  const note = (message: unknown) => {
    sockets.set(transport, (message as { socket: SocketInternals }).socket);
  };
  subscribe(SOCKETS_MADE, note);
  try {
    return connect();
  } finally {
    unsubscribe(SOCKETS_MADE, note);
  }
}

/**
 * Destroys a socket that nats.js would leave open, in most versions for good, because it is still connecting or has not
 * received INFO: it would stay open for as long as the peer keeps it, and try to connect for minutes where packets are
 * dropped.
 */
export function discard(transport: TransportInternals): void {
  transport.discard();
  sockets.get(transport)?.destroy();
  if (transport.socket) transport.socket.destroy();
  else
    Object.defineProperty(transport, 'socket', {
      configurable: true,
      set: (socket: SocketInternals) => socket.destroy(),
    });
}

/** The errors of nats.js when what it took for INFO cannot be parsed, or has values that no server would send. */
export function isGarbage(error: unknown): error is Error {
  return (
    error instanceof SyntaxError ||
    error instanceof TypeError ||
    (error instanceof Error && /^unexpected response from server$|is not a semver value$/.test(error.message))
  );
}

/**
 * The errors of nats.js (2.x, 3.x) when INFO offers no TLS, and of Node.js when the TLS handshake comes first but the peer
 * sends plain text.
 */
function isWithoutTls(error: unknown): boolean {
  const { code, message } = asError(error) as NodeJS.ErrnoException;
  return /^tls$|'tls'/.test(message) || code === 'ERR_SSL_WRONG_VERSION_NUMBER';
}

/**
 * Reports the first byte that is not NATS protocol at once. There nats.js stops reading and leaves it to its pings to
 * notice: for minutes, whatever arrives is lost.
 */
export function failOnGarbage(
  parser: { parse(bytes: Uint8Array): void },
  garbled: (error: Error) => void,
): void {
  const parse = parser.parse.bind(parser);
  let readable = true;
  parser.parse = (bytes) => {
    try {
      if (readable) parse(bytes);
    } catch (error) {
      readable = false;
      garbled(asError(error));
    }
  };
}
