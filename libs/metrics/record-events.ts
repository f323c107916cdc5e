import type { NatsAuthEvents } from '../connection/index.js';
import type { Emitter } from '../credentials/index.js';
import type { Instruments } from './instruments.js';

/** Feeds the instruments; the one place where each of them is touched. */
export function recordEvents(events: Emitter<NatsAuthEvents>, instruments: Instruments): void {
  const seconds = (ms: number) => ms / 1_000;

  events.on('refreshed', ({ connection, reason, durationMs, userInfo }) => {
    instruments.refreshes.inc({ connection, reason });
    instruments.refreshDuration.observe({ connection, outcome: 'success' }, seconds(durationMs));
    instruments.lastRefresh.set({ connection }, seconds(userInfo.resolvedAt));
  });
  events.on('refreshFailed', ({ connection, reason, cause, durationMs }) => {
    instruments.refreshFailures.inc({ connection, reason, cause });
    instruments.refreshDuration.observe({ connection, outcome: 'failure' }, seconds(durationMs));
  });
  events.on('reused', ({ connection, kind }) => instruments.reuses.inc({ connection, kind }));
  events.on('rejected', ({ connection, role, error }) =>
    instruments.rejections.inc({ connection, role, error: error.kind }),
  );
  events.on('connected', ({ connection, role, kind, userInfo }) => {
    instruments.connects.inc({ connection, role, kind });
    instruments.connected.set({ connection, role }, 1);
    instruments.expiry.set({ connection }, seconds(userInfo.expiresAt ?? 0));
  });
  events.on('disconnected', ({ connection, role }) => instruments.connected.set({ connection, role }, 0));
  events.on('closed', ({ connection, role }) => instruments.connected.set({ connection, role }, 0));
  events.on('rotated', ({ connection, role, mode, outcome, durationMs }) => {
    instruments.rotations.inc({ connection, role, mode, outcome });
    if (outcome === 'success')
      instruments.rotationDuration.observe({ connection, role, mode }, seconds(durationMs));
  });
  events.on('replaced', ({ connection, trigger, ageMs }) => {
    instruments.ageAtRotation.observe({ connection, trigger }, seconds(ageMs));
  });
}
