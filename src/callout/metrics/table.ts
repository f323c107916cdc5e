import {
  CALLOUT_FAILURES,
  type CalloutEvents,
  REFUSAL_REASONS,
  REQUEST_PROBLEMS,
} from '../../../libs/callout/index.js';
import { type AllOf, eachOf, metricFedBy } from '../../../libs/metrics/index.js';

const metric = metricFedBy<CalloutEvents>();

const OUTCOMES: AllOf<'admitted' | 'refused' | 'failed'> = { admitted: true, refused: true, failed: true };

/** In seconds: an answer takes a millisecond, and a server waits for some seconds. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const seconds = (ms: number) => ms / 1_000;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Every metric that a registration has besides if it is an auth callout, by its name without the prefix. */
export const CALLOUT_METRICS = {
  callout_requests_total: metric({
    type: 'counter',
    help: 'Requests of servers about clients that connect',
    labels: {},
    fedBy: { requested: () => ({ labels: {} }) },
  }),
  callout_admitted_total: metric({
    type: 'counter',
    help: 'Clients that were admitted',
    labels: {},
    fedBy: { admitted: () => ({ labels: {} }) },
  }),
  callout_refused_total: metric({
    type: 'counter',
    help: 'Clients that were refused',
    labels: { reason: eachOf(REFUSAL_REASONS) },
    fedBy: { refused: ({ reason }) => ({ labels: { reason } }) },
  }),
  callout_failures_total: metric({
    type: 'counter',
    help: 'Clients that did not come in because the callout failed',
    labels: { cause: eachOf(CALLOUT_FAILURES) },
    fedBy: { failed: ({ cause }) => ({ labels: { cause } }) },
  }),
  callout_discarded_total: metric({
    type: 'counter',
    help: 'Requests that were not answered: not from a server that may ask, or not in order',
    labels: { problem: eachOf(REQUEST_PROBLEMS) },
    fedBy: { discarded: ({ problem }) => ({ labels: { problem } }) },
  }),
  callout_duration_seconds: metric({
    type: 'histogram',
    help: 'From the arrival of a request to its answer',
    labels: { outcome: OUTCOMES },
    buckets: DURATION_BUCKETS,
    fedBy: {
      admitted: ({ durationMs }) => ({ labels: { outcome: 'admitted' }, value: seconds(durationMs) }),
      refused: ({ durationMs }) => ({ labels: { outcome: 'refused' }, value: seconds(durationMs) }),
      failed: ({ durationMs }) => ({ labels: { outcome: 'failed' }, value: seconds(durationMs) }),
    },
  }),
  callout_queue_length: metric({
    type: 'gauge',
    help: 'Clients that wait for their turn',
    labels: {},
    combine: sum,
    fedBy: { load: ({ queued }) => ({ labels: {}, value: queued }) },
  }),
  callout_in_flight: metric({
    type: 'gauge',
    help: 'Clients that are looked at now',
    labels: {},
    combine: sum,
    fedBy: { load: ({ inFlight }) => ({ labels: {}, value: inFlight }) },
  }),
  callout_listening: metric({
    type: 'gauge',
    help: '1 while the callout is in the queue group of its subject',
    labels: {},
    combine: (values) => Math.max(...values),
    fedBy: { listening: ({ listening }) => ({ labels: {}, value: listening ? 1 : 0 }) },
  }),
  callout_answers_refused_total: metric({
    type: 'counter',
    help: 'Answers, of this instance or another one of the account, that a server did not accept',
    labels: {},
    fedBy: { answerRefused: () => ({ labels: {} }) },
  }),
};
