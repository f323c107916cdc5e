import { connect, type NatsConnection } from '@nats-io/transport-node';
import { beforeEach, expect, it, onTestFinished } from 'vitest';

import { RequesterWatch } from '../../../src/transport/server/requester-watch.js';
import { serverForTest } from '../../support/server-for-test.js';

let now: number;
let lost: number;
let nc: NatsConnection;
let requester: ReturnType<RequesterWatch['watch']>;

beforeEach(async () => {
  const server = await serverForTest();
  nc = await connect({ servers: server.url });
  onTestFinished(() => nc.close());
  now = lost = 0;
  requester = new RequesterWatch(nc as never, {}, () => now).watch(() => lost++);
});

/** Publishes a packet to the requester after `ms`; tells whether the requester was asked for. */
async function packetAfter(ms: number): Promise<boolean> {
  now += ms;
  const reply = requester.ask();
  nc.publish('requester', 'packet', { reply });
  await nc.flush();
  return reply !== undefined;
}

it('asks once a second, and of no stream that ends sooner', async () => {
  expect(await packetAfter(999)).toBe(false);
  expect(await packetAfter(1)).toBe(true);
  expect(await packetAfter(999)).toBe(false);
  expect(await packetAfter(1)).toBe(true);
});

it('takes a requester for lost when nobody has listened for five seconds', async () => {
  for (let second = 1; second <= 5; second++) await packetAfter(1_000);
  expect(lost).toBe(0);
  await packetAfter(1_000);
  expect(lost).toBe(1);
});

it('waits for a requester that reconnects', async () => {
  for (let second = 1; second <= 5; second++) await packetAfter(1_000);
  const subscription = nc.subscribe('requester', { callback: () => undefined });
  await packetAfter(1_000);
  subscription.unsubscribe();
  for (let second = 1; second <= 5; second++) await packetAfter(1_000);
  expect(lost).toBe(0);
});

it('notices with the second packet of a slow stream', async () => {
  await packetAfter(3_600_000);
  expect(lost).toBe(0);
  await packetAfter(3_600_000);
  expect(lost).toBe(1);
});

it('hears nothing any more of a stream that has ended', async () => {
  await packetAfter(1_000);
  requester.forget();
  await packetAfter(10_000);
  expect(lost).toBe(0);
});
