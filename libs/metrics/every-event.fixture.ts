import type { Emitter } from '../base/index.js';
import { type NatsAuthEvents, RejectedError, SuspectedRejectionError } from '../connection/index.js';
import type { UserInfoSummary } from '../credentials/index.js';
import { DIAL_ERRORS } from './dial-failure.fixture.js';
import { METRICS } from './table.js';

const userInfo: UserInfoSummary = { kind: 'jwt', resolvedAt: 1_000, expiresAt: 2_000_000 };
const refresh = { role: 'shared', attempt: 1, durationMs: 10 } as const;

/** Emits each event that means something to metrics, but those that end a connection, with every value that its fields can take. */
export function emitEverything(events: Emitter<NatsAuthEvents>, connection = 'default'): void {
  const { reason: reasons, cause: causes } = METRICS.refresh_failures_total.labels;
  for (const reason of reasons) {
    events.emit('refreshed', { ...refresh, connection, reason, userInfo });
    for (const cause of causes)
      events.emit('refreshFailed', { ...refresh, connection, reason, cause, error: new Error('no') });
  }
  events.emit('refreshScheduled', { connection, role: 'shared', at: 3_000_000 });
  const { mode: modes, outcome: outcomes } = METRICS.rotations_total.labels;
  for (const role of METRICS.connected.labels.role) {
    const whose = { connection, role };
    for (const kind of METRICS.reuses_total.labels.kind) events.emit('reused', { ...whose, kind, userInfo });
    const dial = { ...whose, server: 'a:1', attempt: 1 };
    for (const kind of METRICS.connects_total.labels.kind)
      events.emit('connected', { ...whose, kind, server: 'a:1', userInfo });
    for (const kind of METRICS.rejections_total.labels.error)
      if (kind === 'suspected')
        events.emit('connectFailed', { ...dial, downMs: 0, error: new SuspectedRejectionError(0) });
      else events.emit('rejected', { ...dial, error: new RejectedError(kind, 'no') });
    for (const error of Object.values(DIAL_ERRORS).flat())
      events.emit('connectFailed', { ...dial, downMs: 0, error });
    const refusal = { ...whose, problem: 'no', count: 2, stillRefused: 3 };
    events.emit('subscriptionRefused', { ...refusal, tolerated: false });
    events.emit('subscriptionRestored', refusal);
    for (const trigger of METRICS.credential_age_at_rotation_seconds.labels.trigger)
      events.emit('replaced', { ...whose, trigger, ageMs: 10 });
    for (const mode of modes)
      for (const outcome of outcomes)
        events.emit('rotated', { ...whose, mode, outcome, trigger: 'manual', durationMs: 10 });
  }
}
