import { type NatsAuthEvents, SuspectedRejectionError } from '../connection/index.js';
import type { Emitter } from '../base/index.js';
import type { Role } from '../credentials/index.js';
import type { Instruments } from './instruments.js';

/**
 * Feeds the instruments; the one place where each of them is touched. Each has a listener of its own: one that throws
 * takes no other with it.
 */
export function recordEvents(events: Emitter<NatsAuthEvents>, instruments: Instruments): void {
  const seconds = (ms: number) => ms / 1_000;
  /** Who says that a role is connected, and until when: other registrations of this name have something to say, too. */
  const holders: Readonly<Record<Role, object>> = { server: {}, client: {} };

  events.on('refreshed', ({ connection, reason }) => instruments.refreshes.inc({ connection, reason }));
  events.on('refreshed', ({ connection, durationMs }) =>
    instruments.refreshDuration.observe({ connection, outcome: 'success' }, seconds(durationMs)),
  );
  events.on('refreshed', ({ connection, userInfo }) =>
    instruments.lastRefresh.set({ connection }, seconds(userInfo.resolvedAt)),
  );
  events.on('refreshFailed', ({ connection, reason, cause }) =>
    instruments.refreshFailures.inc({ connection, reason, cause }),
  );
  events.on('refreshFailed', ({ connection, durationMs }) =>
    instruments.refreshDuration.observe({ connection, outcome: 'failure' }, seconds(durationMs)),
  );
  events.on('reused', ({ connection, kind }) => instruments.reuses.inc({ connection, kind }));
  events.on('rejected', ({ connection, role, error }) =>
    instruments.rejections.inc({ connection, role, error: error.kind }),
  );
  events.on('connectFailed', ({ connection, role, error }) => {
    if (error instanceof SuspectedRejectionError)
      instruments.rejections.inc({ connection, role, error: 'suspected' });
  });

  events.on('connected', ({ connection, role, kind }) =>
    instruments.connects.inc({ connection, role, kind }),
  );
  const connected = (value: 0 | 1) => (event: { connection: string; role: Role }) => {
    const { connection, role } = event;
    instruments.connected.set(holders[role], { connection, role }, value);
  };
  events.on('connected', connected(1));
  events.on('disconnected', connected(0));
  events.on('closed', connected(0));
  events.on('connected', ({ connection, role, userInfo }) =>
    instruments.expiry.set(holders[role], { connection }, seconds(userInfo.expiresAt ?? 0)),
  );
  events.on('closed', ({ connection, role }) => instruments.expiry.set(holders[role], { connection }, 0));

  events.on('rotated', ({ connection, role, mode, outcome }) =>
    instruments.rotations.inc({ connection, role, mode, outcome }),
  );
  events.on('rotated', ({ connection, role, mode, outcome, durationMs }) => {
    // A rotation that failed closed no old connection: it has no such time.
    if (outcome === 'success')
      instruments.rotationDuration.observe({ connection, role, mode }, seconds(durationMs));
  });
  events.on('replaced', ({ connection, trigger, ageMs }) =>
    instruments.ageAtRotation.observe({ connection, trigger }, seconds(ageMs)),
  );
}
