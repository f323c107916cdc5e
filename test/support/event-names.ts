import type { NatsAuthEvents } from 'nestjs-nats-auth';
import type { CalloutEvents } from 'nestjs-nats-auth/callout';

/** The compiler misses a new one. */
const EVENTS: Record<keyof NatsAuthEvents, true> = {
  refreshed: true,
  refreshFailed: true,
  reused: true,
  refreshScheduled: true,
  connected: true,
  disconnected: true,
  rejected: true,
  connectFailed: true,
  outputDropped: true,
  replaced: true,
  rotated: true,
  subscriptionRefused: true,
  subscriptionRestored: true,
  callbackFailed: true,
  subscriptionsLeft: true,
  cutOff: true,
  lameDuck: true,
  closed: true,
};

/** Every event there is. */
export const EVENT_NAMES = Object.keys(EVENTS) as (keyof NatsAuthEvents)[];

const CALLOUT_EVENTS: Record<keyof CalloutEvents, true> = {
  requested: true,
  admitted: true,
  refused: true,
  failed: true,
  discarded: true,
  load: true,
  answerRefused: true,
  listening: true,
  administered: true,
};

/** Every event of a callout. */
export const CALLOUT_EVENT_NAMES = Object.keys(CALLOUT_EVENTS) as (keyof CalloutEvents)[];
