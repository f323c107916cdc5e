import { eventually } from 'nestjs-nats-auth/testing';

import type { Connection, JetStreamDriver } from '../drivers/driver.js';
import { CoreLane } from './core-lane.js';
import { type Amounts, type Counts, Tally } from './counts.js';
import { BUCKET, HISTORY, KeyValueLane } from './key-value-lane.js';
import { ObjectLane, STORE } from './object-lane.js';
import { ServiceLane } from './service-lane.js';
import { ACK_WAIT_MS, STREAM, StreamLane } from './stream-lane.js';

/** What is used, and how. */
export interface WorkloadOptions {
  readonly driver: JetStreamDriver;
  /** The connection under test. */
  readonly tested: Connection;
  /** The other side of core messages and requests, which never rotates: what is lost is lost by the one under test. */
  readonly peer: Connection;
  /** Of streams, buckets and stores. */
  readonly replicas: number;
  /** How long a handler takes until it acknowledges, in ms. */
  readonly handlerMs: number;
  readonly objectBytes: number;
  /** How long what is still to come may stay away, in ms. Default: 45,000, by when the watchdog of an ordered consumer has found out. */
  readonly quietMs?: number;
}

/** Everything that an application does with a NATS connection, at once. */
export interface Workload {
  /** Stops producing, waits for what is under way, and counts. The connection can be closed then. */
  finish(): Promise<Counts & Amounts>;
}

const QUIET_MS = 45_000;

export async function startWorkload(options: WorkloadOptions): Promise<Workload> {
  const { driver, tested, peer, replicas, handlerMs, objectBytes, quietMs = QUIET_MS } = options;
  const admin = await driver.adminOf(peer);
  // A cluster that has just been formed may not know yet how much room each of its servers has.
  await eventually(() => admin.addStream(STREAM.name, STREAM.subject, replicas).then(() => true), {
    what: 'the stream to be placed',
  });
  await admin.addConsumer(STREAM.name, STREAM.durable, { ackWaitMs: ACK_WAIT_MS });
  await admin.addBucket(BUCKET, HISTORY, replicas);
  await admin.addStore(STORE, replicas);

  const tally = new Tally();
  const client = driver.clientOf(tested);
  const peerStore = await driver.clientOf(peer).store(STORE);
  const stream = await StreamLane.start(client, admin, { handlerMs, quietMs }, tally);
  const keyValue = await KeyValueLane.start(client, quietMs, tally);
  const service = await ServiceLane.start(tested, client, peer, tally);
  const core = await CoreLane.start(tested, peer, tally);
  const objects = await ObjectLane.start(client, peerStore, objectBytes, tally);
  const lanes = [stream, keyValue, service, core, objects];

  return {
    finish: async () => {
      await Promise.all(lanes.map((lane) => lane.rest()));
      await Promise.all(lanes.map((lane) => lane.settle()));
      return {
        ...tally.counts,
        publishes: stream.publishes,
        deliveries: stream.deliveries,
        updates: keyValue.updates.expected,
        requests: service.requests,
        messages: core.messages,
        puts: objects.puts,
        msOrderedResumed: stream.msOrderedResumed,
        errors: tally.errors,
      };
    },
  };
}
