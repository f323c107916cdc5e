import { createRequire } from 'node:module';

import { AckPolicy, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsConnection as NatsConnection2 } from 'nats';

import type { JetStreamClient } from '../../bench/jetstream/drivers/driver.js';
import { nats } from '../../bench/jetstream/drivers/nats.js';
import { transportNode } from '../../bench/jetstream/drivers/transport-node.js';

const { StorageType } = createRequire(import.meta.url)('nats') as typeof import('nats');

/** What applications do with JetStream, said alike for both drivers. */
export interface JetStreamWork {
  readonly client: JetStreamClient;
  readonly manager: () => Promise<JetStreamManager>;
  /** Opens a bucket, and makes it if it is not there. */
  readonly bucket: (name: string) => Promise<KV>;
  readonly store: (name: string) => Promise<ObjectStore>;
}

export function workOn(driver: string, connection: unknown): JetStreamWork {
  return driver === 'nats'
    ? ofNats(connection as NatsConnection2)
    : ofTransport(connection as NatsConnection);
}

function ofTransport(nc: NatsConnection): JetStreamWork {
  const js = jetstream(nc);
  return {
    client: transportNode.clientOf(nc),
    manager: () => jetstreamManager(nc),
    bucket: (name) => new Kvm(js).create(name, { history: 5 }),
    store: (name) => new Objm(js).create(name),
  };
}

/** The two are alike in what is used of them. */
function ofNats(nc: NatsConnection2): JetStreamWork {
  const { views } = nc.jetstream();
  return {
    client: nats.clientOf(nc),
    manager: () => nc.jetstreamManager() as unknown as Promise<JetStreamManager>,
    bucket: (name) => views.kv(name, { history: 5 }) as unknown as Promise<KV>,
    store: (name) => views.os(name, { storage: StorageType.File }) as unknown as Promise<ObjectStore>,
  };
}

const TIMEOUT = 5_000;
let ids = 0;

/** Publishes to a stream and waits until it has it. */
export async function publish({ client }: JetStreamWork, subject: string): Promise<void> {
  await client.publish(subject, 'x', { msgID: `m${ids++}`, timeout: TIMEOUT });
}

/** Makes a stream. */
export async function makeStream(work: JetStreamWork, name: string, subject: string): Promise<void> {
  await (await work.manager()).streams.add({ name, subjects: [subject] });
}

export async function makeConsumer(work: JetStreamWork, stream: string, durable_name: string): Promise<void> {
  await (await work.manager()).consumers.add(stream, { durable_name, ack_policy: AckPolicy.Explicit });
}

/** Reads with a durable consumer and acknowledges, until `count` have come. */
export async function read({ client }: JetStreamWork, stream: string, durable: string, count: number) {
  const messages = await client.consume(stream, durable);
  let got = 0;
  for await (const message of messages) {
    message.ack();
    // nats.js 2.x never settles the close of what is read no more.
    if (++got === count) void messages.close();
  }
}

export async function readInOrder({ client }: JetStreamWork, stream: string, count: number): Promise<void> {
  const messages = await client.consumeInOrder(stream);
  let got = 0;
  for await (const _ of messages) if (++got === count) void messages.close();
}

/** All that is done with what is in a bucket. */
export async function writeBucket(kv: KV): Promise<void> {
  await kv.put('a.b', '1');
  await kv.create('c', '2');
  const revision = await kv.put('d', '3');
  await kv.update('d', '4', revision);
  await kv.delete('c');
  await kv.purge('d');
}

export async function listBucket(kv: KV): Promise<void> {
  await drained(await kv.keys());
  await drained(await kv.history({ key: '>' }));
}

export async function readBucket(kv: KV): Promise<void> {
  if ((await kv.get('a.b'))?.string() !== '1') throw new Error('The key is not there.');
  const watch = await kv.watch();
  for await (const _ of watch) watch.stop();
  await kv.status();
}

export async function writeStore(store: ObjectStore): Promise<void> {
  // The second takes the place of the first, whose chunks are purged.
  for (const text of ['first', 'second'])
    await store.putBlob({ name: 'scan' }, new TextEncoder().encode(text));
  await store.putBlob({ name: 'other' }, new Uint8Array(300_000));
  await store.delete('other');
}

export async function readStore(store: ObjectStore): Promise<void> {
  const found = await store.getBlob('scan');
  if (new TextDecoder().decode(found ?? undefined) !== 'second') throw new Error('The object is not there.');
  await store.info('scan');
  await store.list();
  const watch = await store.watch({ includeHistory: true });
  for await (const _ of watch) watch.stop();
  await store.status();
}

async function drained(all: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of all);
}
