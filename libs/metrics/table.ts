import type { NatsAuthEvents, RotatedMode } from '../connection/index.js';
import { REJECTION_KINDS, SuspectedRejectionError } from '../connection/index.js';
import { type RefreshReason, type Role, ROLES } from '../credentials/index.js';
import { type DialFailureError, dialFailureOf } from './dial-failure.js';
import { type AllOf, eachOf, metricFedBy } from './metric.js';

const metric = metricFedBy<NatsAuthEvents>();

const EACH_ROLE: AllOf<Role> = eachOf(ROLES);
const REASONS: AllOf<RefreshReason> = {
  connect: true,
  reconnect: true,
  rejected: true,
  expiring: true,
  changed: true,
  manual: true,
};
const MODES: AllOf<RotatedMode> = { handover: true, reconnect: true };
const DIAL_FAILURES: AllOf<DialFailureError> = {
  name: true,
  refused: true,
  timeout: true,
  tls: true,
  closed: true,
  capacity: true,
  signing: true,
  other: true,
};
const OUTCOMES: AllOf<'success' | 'failure'> = { success: true, failure: true };

/** Of short things, such as a provider call or a rotation, in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Of the age of user info, in seconds: from a demo's tokens to a day. */
const AGE_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

const seconds = (ms: number) => ms / 1_000;

/**
 * Every metric of a registration, by its name without the prefix. Instruments, the series that exist from the start, what is recorded, and the
 * table of docs/metrics.md are made from this; the dashboard and the alerting rules are checked against it. Cardinality is
 * bounded by the values of the labels and the number of registrations.
 */
export const METRICS = {
  refreshes_total: metric({
    type: 'counter',
    help: 'Provider calls that returned usable user info',
    labels: { reason: REASONS },
    fedBy: { refreshed: ({ reason }) => ({ labels: { reason } }) },
  }),
  refresh_failures_total: metric({
    type: 'counter',
    help: 'Provider calls that returned no usable user info',
    labels: {
      reason: REASONS,
      cause: { error: true, timeout: true, invalid: true, cancelled: true, not_newer: true },
    },
    fedBy: { refreshFailed: ({ reason, cause }) => ({ labels: { reason, cause } }) },
  }),
  refresh_duration_seconds: metric({
    type: 'histogram',
    help: 'Time of provider calls',
    labels: { outcome: OUTCOMES },
    buckets: DURATION_BUCKETS,
    fedBy: {
      refreshed: ({ durationMs }) => ({ labels: { outcome: 'success' }, value: seconds(durationMs) }),
      refreshFailed: ({ durationMs }) => ({ labels: { outcome: 'failure' }, value: seconds(durationMs) }),
    },
  }),
  reuses_total: metric({
    type: 'counter',
    help: 'Connections established without a provider call of their own',
    labels: { kind: { shared: true, cached: true, stale: true } },
    fedBy: { reused: ({ kind }) => ({ labels: { kind } }) },
  }),
  rejections_total: metric({
    type: 'counter',
    help: 'Rejections of user info by a server',
    labels: {
      role: EACH_ROLE,
      error: { ...eachOf(REJECTION_KINDS), suspected: true },
    },
    fedBy: {
      rejected: ({ role, error }) => ({ labels: { role, error: error.kind } }),
      connectFailed: ({ role, error }) =>
        error instanceof SuspectedRejectionError ? { labels: { role, error: 'suspected' } } : undefined,
    },
  }),
  dial_failures_total: metric({
    type: 'counter',
    help: 'Dials that failed for a reason other than a rejection',
    labels: { role: EACH_ROLE, error: DIAL_FAILURES },
    fedBy: { connectFailed: ({ role, error }) => ({ labels: { role, error: dialFailureOf(error) } }) },
  }),
  connects_total: metric({
    type: 'counter',
    help: 'Connections established',
    labels: { role: EACH_ROLE, kind: { initial: true, reconnect: true, handover: true } },
    fedBy: { connected: ({ role, kind }) => ({ labels: { role, kind } }) },
  }),
  connected: metric({
    type: 'gauge',
    help: '1 while connected',
    labels: { role: EACH_ROLE },
    combine: (values) => Math.max(...values),
    fedBy: {
      connected: ({ role }) => ({ labels: { role }, value: 1 }),
      disconnected: ({ role }) => ({ labels: { role }, value: 0 }),
      closed: ({ role }) => ({ labels: { role }, value: 0 }),
    },
  }),
  wanted: metric({
    type: 'gauge',
    help: '1 from the first dial until the application closes the connection',
    labels: { role: EACH_ROLE },
    combine: (values) => Math.max(...values),
    fedBy: {
      connected: ({ role }) => ({ labels: { role }, value: 1 }),
      connectFailed: ({ role }) => ({ labels: { role }, value: 1 }),
      rejected: ({ role }) => ({ labels: { role }, value: 1 }),
      closed: ({ role, error }) => (error ? undefined : { labels: { role }, value: 0 }),
    },
  }),
  subscriptions_refused_total: metric({
    type: 'counter',
    help: 'Subscriptions that a server refused, of handlers and of reply inboxes',
    labels: { role: EACH_ROLE },
    fedBy: {
      subscriptionRefused: ({ role, count, tolerated }) =>
        tolerated ? undefined : { labels: { role }, value: count },
    },
  }),
  subscriptions_refused: metric({
    type: 'gauge',
    help: 'Subscriptions that are refused now: handlers that hear nothing, reply inboxes without replies',
    labels: { role: EACH_ROLE },
    combine: (values) => values.reduce((sum, value) => sum + value, 0),
    fedBy: {
      subscriptionRefused: ({ role, stillRefused }) => ({ labels: { role }, value: stillRefused }),
      subscriptionRestored: ({ role, stillRefused }) => ({ labels: { role }, value: stillRefused }),
      closed: ({ role }) => ({ labels: { role }, value: 0 }),
    },
  }),
  rotations_total: metric({
    type: 'counter',
    help: 'Rotations',
    labels: { role: EACH_ROLE, mode: MODES, outcome: OUTCOMES },
    fedBy: { rotated: ({ role, mode, outcome }) => ({ labels: { role, mode, outcome } }) },
  }),
  rotation_duration_seconds: metric({
    type: 'histogram',
    help: 'Time of rotations that succeeded, from the resolution to the close of the old connection',
    labels: { role: EACH_ROLE, mode: MODES },
    buckets: DURATION_BUCKETS,
    fedBy: {
      // One that failed closed no old connection.
      rotated: ({ role, mode, outcome, durationMs }) =>
        outcome === 'success' ? { labels: { role, mode }, value: seconds(durationMs) } : undefined,
    },
  }),
  credential_age_at_rotation_seconds: metric({
    type: 'histogram',
    help: 'Age of user info when it was replaced',
    labels: { trigger: { expiring: true, changed: true, rejected: true, 'lame-duck': true, manual: true } },
    buckets: AGE_BUCKETS,
    fedBy: { replaced: ({ trigger, ageMs }) => ({ labels: { trigger }, value: seconds(ageMs) }) },
  }),
  credential_expiry_timestamp_seconds: metric({
    type: 'gauge',
    help: 'When the user info in use expires, the soonest of all roles; 0 when that is not known',
    labels: {},
    combine: (values) => Math.min(...values),
    fedBy: {
      connected: ({ userInfo }) => ({ labels: {}, value: seconds(userInfo.expiresAt ?? 0) }),
      closed: () => ({ labels: {}, value: 0 }),
    },
  }),
  last_refresh_timestamp_seconds: metric({
    type: 'gauge',
    help: 'When a provider call last returned usable user info',
    labels: {},
    fedBy: { refreshed: ({ userInfo }) => ({ labels: {}, value: seconds(userInfo.resolvedAt) }) },
  }),
  next_refresh_timestamp_seconds: metric({
    type: 'gauge',
    help: 'When the next refresh ahead of an expiry is planned; 0 when none is. In the past while it is under way',
    labels: {},
    combine: (values) => Math.min(...values),
    fedBy: { refreshScheduled: ({ at = 0 }) => ({ labels: {}, value: seconds(at) }) },
  }),
};

export type MetricName = keyof typeof METRICS;
