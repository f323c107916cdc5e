import { AckPolicy, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { Svcm } from '@nats-io/services';
import { connect, jwtAuthenticator, nanos, type NatsConnection } from '@nats-io/transport-node';

import {
  DUPLICATES_WITHIN_MS,
  type JetStreamAdmin,
  type JetStreamClient,
  type JetStreamDriver,
  MOST_UNACKED,
} from './driver.js';

/** nats.js 3.x with the packages for JetStream, key-value, objects and services. */
export const transportNode: JetStreamDriver = {
  name: '@nats-io/transport-node',
  connect: (options, newest) =>
    connect({
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      ...options,
      authenticator: jwtAuthenticator(
        () => newest().jwt,
        () => new TextEncoder().encode(newest().seed),
      ),
    }),
  clientOf: (nc) => clientOf(nc as NatsConnection),
  adminOf: (nc) => adminOf(nc as NatsConnection),
};

function clientOf(nc: NatsConnection): JetStreamClient {
  const js = jetstream(nc);
  return {
    publish: (subject, data, options) => js.publish(subject, data, options),
    consume: async (stream, durable) => (await js.consumers.get(stream, durable)).consume(),
    consumeInOrder: async (stream) => (await js.consumers.get(stream)).consume(),
    bucket: (name) => new Kvm(js).open(name),
    store: (name) => new Objm(js).open(name),
    addService: async (name, subject) => {
      const service = await new Svcm(nc).add({ name, version: '1.0.0' });
      const requests = service.addEndpoint('bench', { subject });
      return { requests, stopped: service.stopped, stop: () => service.stop() };
    },
  };
}

async function adminOf(nc: NatsConnection): Promise<JetStreamAdmin> {
  const manager = await jetstreamManager(nc);
  return {
    addStream: async (name, subject, replicas) => {
      const duplicate_window = nanos(DUPLICATES_WITHIN_MS);
      await manager.streams.add({ name, subjects: [subject], num_replicas: replicas, duplicate_window });
    },
    addConsumer: async (stream, durable_name, { ackWaitMs }) => {
      await manager.consumers.add(stream, {
        durable_name,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(ackWaitMs),
        max_ack_pending: MOST_UNACKED,
      });
    },
    leftOf: async (stream, durable) => {
      const { num_pending, num_ack_pending } = await manager.consumers.info(stream, durable);
      return { pending: num_pending, unacked: num_ack_pending };
    },
    addBucket: async (name, history, replicas) => {
      await new Kvm(nc).create(name, { history, replicas });
    },
    addStore: async (name, replicas) => {
      await new Objm(nc).create(name, { replicas, storage: StorageType.File });
    },
  };
}
