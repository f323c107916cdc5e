import type { ServerError } from './server-error.js';

const rejected = (kind: Extract<ServerError, { type: 'rejected' }>['kind']): ServerError => ({
  type: 'rejected',
  kind,
});
const denied = (operation: 'publish' | 'subscription', subject: string): ServerError => ({
  type: 'denied',
  operation,
  subject,
});
const other: ServerError = { type: 'other' };

/** Each -ERR that nats-server 2.9, 2.10 or 2.15 sends to a client, with its meaning. */
export const SERVER_ERRORS: readonly (readonly [text: string, meaning: ServerError])[] = [
  ['Authorization Violation', rejected('violation')],
  ['User Authentication Expired', rejected('expired')],
  ['Account Authentication Expired', rejected('expired')],
  ['User Authentication Revoked', rejected('revoked')],
  ['Authentication Timeout', rejected('timeout')],

  ['Permissions Violation for Publish to "orders.new"', denied('publish', 'orders.new')],
  ['Permissions Violation for Subscription to "orders.>"', denied('subscription', 'orders.>')],
  ['Permissions Violation for Subscription to "a.*" using queue "q"', denied('subscription', 'a.*')],
  ['Permissions Violation for Subscription to "a.*" (sid "7")', denied('subscription', 'a.*')],
  [
    'Permissions Violation for Subscription to "a.*" using queue "q" (sid "7")',
    denied('subscription', 'a.*'),
  ],
  ['Permissions Violation for Subscription to "a.b.c", too many tokens', denied('subscription', 'a.b.c')],

  ['maximum connections exceeded', { type: 'capacity' }],
  ['maximum account active connections exceeded', { type: 'capacity' }],
  ['maximum control line exceeded', { type: 'tooLong', what: 'line' }],
  ['Maximum Payload Violation', { type: 'tooLong', what: 'payload' }],
  ['Unknown Protocol Operation', { type: 'malformed' }],
  ['Parser Error', { type: 'malformed' }],
  ['invalid client protocol', { type: 'malformed' }],
  ['maximum subscriptions exceeded', { type: 'limit' }],

  ['Permissions Violation for Publish with Reply of "a.b"', other],
  ['Stale Connection', other],
  ['Slow Consumer', other],
  ['Connection throttling is active. Please try again later.', other],
  ['Failed Account Registration', other],
  ['Secure Connection - TLS Required', other],
  ['Invalid Publish Subject', other],
  ['Invalid Subject', other],
  ['no responders requires headers support', other],
  ['message headers not supported', other],
  ['attempted to connect to route port', other],
  ['attempted to connect to leaf node port', other],
];
