import { expect, it } from 'vitest';

import { PushDeliveries } from './push-deliveries.js';

const isInbox = (subject: string) => subject.startsWith('_INBOX.');

const answer = (type: string, more: object) =>
  new TextEncoder().encode(JSON.stringify({ type: `io.nats.jetstream.api.v1.${type}`, ...more }));

it.each([
  [
    'a consumer is made',
    answer('consumer_create_response', { config: { deliver_subject: 'orders.pushed' } }),
  ],
  ['it is looked up', answer('consumer_info_response', { config: { deliver_subject: 'orders.pushed' } })],
  [
    'it is listed',
    answer('consumer_list_response', {
      consumers: [{ config: {} }, { config: { deliver_subject: 'orders.pushed' } }],
    }),
  ],
])('learns where JetStream pushes to when %s', (_when, told) => {
  const deliveries = new PushDeliveries(isInbox);
  expect(deliveries.learn(told)).toEqual(['orders.pushed']);
  expect(deliveries.has('orders.pushed')).toBe(true);
  expect(deliveries.learn(told)).toEqual([]);
});

it.each([
  [
    'it pushes to a group',
    answer('consumer_info_response', { config: { deliver_subject: 's', deliver_group: 'g' } }),
  ],
  [
    'it pushes to an inbox, which nobody subscribes in a group',
    answer('consumer_create_response', { config: { deliver_subject: '_INBOX.1' } }),
  ],
  ['it is pulled', answer('consumer_info_response', { config: {} })],
  ['it is not there', answer('consumer_info_response', { error: { code: 404 } })],
  ['the answer is cut off', answer('consumer_info_response', { config: {} }).subarray(0, 60)],
  ['another type is meant', answer('stream_info_response', { config: { deliver_subject: 's' } })],
  ['it is no JSON', new TextEncoder().encode('hello')],
  ['it is empty', new Uint8Array()],
])('learns nothing where %s', (_what, told) => {
  expect(new PushDeliveries(isInbox).learn(told)).toEqual([]);
});
