import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { asError } from '../../base/index.js';
import { TlsUnavailableError } from '../errors.js';
import type { SocketInternals, TransportInternals } from '../drivers/internals.js';

/**
 * nats.js waits out its time-out when a dial is given up while the socket still connects, and when the server closes
 * the connection without an answer to `CONNECT`. This fails such dials at once and leaves no socket behind.
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
    // A socket that closed before the transport listened to it has told nobody.
    if (transport.socket?.destroyed) closed();
  };
}

/** The socket of each transport, from before it is connected. */
const sockets = new WeakMap<TransportInternals, Pick<SocketInternals, 'destroy'>>();
/** Where Node.js tells of each client socket. */
const SOCKETS_MADE = 'net.client.socket';

/** nats.js shows a socket when it is connected; Node.js tells of it when it is made, while `connect` runs. */
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
 * nats.js leaves a socket alone that is still connecting, or has not heard INFO yet, and most versions of it do so for
 * good: it would be open for as long as the other side keeps it, and try to connect for minutes where packets are swallowed.
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

/** How nats.js fails when what it took for INFO cannot be read, or holds what no server would send. */
export function isGarbage(error: unknown): error is Error {
  return (
    error instanceof SyntaxError ||
    error instanceof TypeError ||
    (error instanceof Error && /^unexpected response from server$|is not a semver value$/.test(error.message))
  );
}

/**
 * How nats.js fails when INFO offers no TLS (2.x, 3.x), and how Node.js does when it is to begin the handshake with who speaks first.
 */
function isWithoutTls(error: unknown): boolean {
  const { code, message } = asError(error) as NodeJS.ErrnoException;
  return /^tls$|'tls'/.test(message) || code === 'ERR_SSL_WRONG_VERSION_NUMBER';
}

/**
 * nats.js stops reading at the first byte that is no protocol, and leaves the connection to its pings: for minutes
 * nothing is heard of what arrives. This tells at once.
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
