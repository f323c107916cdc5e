import { systemClock } from '../../base/index.js';
import type { NatsConnectionInternals } from '../drivers/internals.js';
import { driverOptions } from '../options.js';
import type { ProbeConnection } from '../rotation/interest.js';
import {
  createRotatingConnection,
  type RotatingConnection,
  type RotatingConnectionParts,
} from '../rotation/rotating-connection.js';
import { createStableHandler } from './stable-handler.js';
import { StableSession } from './stable-session.js';
import { ConnectionsInTurn } from './wire.js';

/** One of the connections under it. */
type LiveConnection = NatsConnectionInternals & ProbeConnection;

/** The settings of a stable connection. */
export type StableConnectionSettings = Omit<
  RotatingConnectionParts<LiveConnection, StableSession>,
  'createSession' | 'onCurrent' | 'onClosed'
>;

/** A nats.js connection that stays the same object over every rotation. */
export interface StableConnection<NC> {
  /** The same object for ever. Can be used once `rotating.open()` has resolved. Its `close()` and `drain()` end the role. */
  readonly nc: NC;
  /** What becomes of the connections under it. */
  readonly rotating: RotatingConnection<LiveConnection, StableSession>;
}

/**
 * Creates a nats.js connection that an application can keep for ever: its subscriptions, requests and iterators go on while the
 * connection under it is replaced by a handover, reconnects, or is opened anew.
 *
 * At a handover, in order:
 * 1. The successor subscribes everything. Of what is shared by a queue group, each message arrives on one of the two; of the rest on
 *    both, and what arrives on the successor waits.
 * 2. The successor becomes current. Its output waits until the server has that of its predecessor.
 * 3. The predecessor unsubscribes. When the server has answered, what waits is handed over, without the repeats.
 */
export function createStableConnection<NC>(settings: StableConnectionSettings): StableConnection<NC> {
  const { driver, options, clock = systemClock, name, role, events } = settings;
  const wire: ConnectionsInTurn = new ConnectionsInTurn({
    clock,
    inboxPrefix: options.inboxPrefix ?? '_INBOX',
    handler: () => handler,
    rotate: () => rotating.rotate('manual'),
    close: () => rotating.close(),
    callbackFailed: (subject, error) =>
      events.emit('callbackFailed', { connection: name, role, subject, error }),
  });
  const nc = new driver.NatsConnection(driverOptions(options, () => ({})));
  const handler = createStableHandler(driver.ProtocolHandler, nc, wire);
  nc.protocol = handler;
  driver.quirks.shareStatus(nc, handler);
  const rotating = createRotatingConnection<LiveConnection, StableSession>({
    ...settings,
    createSession: (live) => new StableSession(live, wire),
    onCurrent: (_live, session) => wire.makeCurrent(session),
    onClosed: () => void handler.close(),
  });
  return { nc: nc as NC, rotating };
}
