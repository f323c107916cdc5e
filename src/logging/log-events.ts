import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { type Clock, type Emitter, systemClock } from '../../libs/base/index.js';
import { logConnections } from './connection-lines.js';
import { type Log, logTo } from './log.js';
import { logRefreshes } from './refresh-lines.js';
import { logRotations } from './rotation-lines.js';
import { logSubscriptions } from './subscription-lines.js';

/**
 * Logs one line for each change of state, and nothing for a message; a trouble that goes on is told again from time to time. No line holds a
 * secret. A warning is something that is dealt with and may need somebody if it goes on; an error is a connection that is gone for good,
 * or a handler that hears nothing.
 */
export function logEvents(
  events: Emitter<NatsAuthEvents>,
  log: Log = logTo(),
  clock: Clock = systemClock,
): void {
  logConnections(events, log, clock);
  logRefreshes(events, log, clock);
  logRotations(events, log);
  logSubscriptions(events, log);
}
