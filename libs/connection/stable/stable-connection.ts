import type { ProbeConnection } from '../rotation/interest.js';
import {
  createRotatingConnection,
  type RotatingConnection,
  type RotatingConnectionParts,
} from '../rotation/rotating-connection.js';
import type { Session } from '../rotation/session.js';

/** The settings of a stable connection. */
export type StableConnectionSettings = Omit<
  RotatingConnectionParts<ProbeConnection, Session>,
  'createSession' | 'onCurrent'
>;

/** A nats.js connection that stays the same object over every rotation. */
export interface StableConnection<NC> {
  /** The same object for ever. Can be used once `rotating.open()` has resolved. Its `close()` and `drain()` end the role. */
  readonly nc: NC;
  readonly rotating: RotatingConnection<ProbeConnection, Session>;
}

/** Creates the nats.js connection that an application is given to use as it is. */
export function createStableConnection<NC>(settings: StableConnectionSettings): StableConnection<NC> {
  let current: ProbeConnection | undefined;
  const rotating = createRotatingConnection<ProbeConnection, Session>({
    ...settings,
    createSession: () => ({
      needsInterest: false,
      start: () => {},
      drain: () => Promise.resolve(),
      idle: () => Promise.resolve(),
      rest: () => Promise.resolve(),
      pending: 0,
    }),
    onCurrent: (nc) => (current = nc),
  });
  return {
    get nc() {
      return current as NC;
    },
    rotating,
  };
}
