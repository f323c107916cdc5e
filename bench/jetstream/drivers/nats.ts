import { AckPolicy, connect, jwtAuthenticator, nanos, type NatsConnection, StorageType } from 'nats';

import {
  DUPLICATES_WITHIN_MS,
  type JetStreamAdmin,
  type JetStreamClient,
  type JetStreamDriver,
  MOST_UNACKED,
} from './driver.js';

/** nats.js 2.x, which has everything in one package. */
export const nats: JetStreamDriver = {
  name: 'nats',
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
  const js = nc.jetstream();
  return {
    publish: (subject, data, options) => js.publish(subject, data, options),
    consume: async (stream, durable) => (await js.consumers.get(stream, durable)).consume(),
    consumeInOrder: async (stream) => (await js.consumers.get(stream)).consume(),
    bucket: (name) => js.views.kv(name, { bindOnly: true }),
    store: (name) => js.views.os(name),
    addService: async (name, subject) => {
      const service = await nc.services.add({ name, version: '1.0.0' });
      const requests = service.addEndpoint('bench', { subject });
      return { requests, stopped: service.stopped, stop: () => service.stop() };
    },
  };
}

async function adminOf(nc: NatsConnection): Promise<JetStreamAdmin> {
  const manager = await nc.jetstreamManager();
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
      await nc.jetstream().views.kv(name, { history, replicas });
    },
    addStore: async (name, replicas) => {
      // nats.js 2.x sends `replicas` along under a name that nats-server 2.12 and newer refuse.
      await nc.jetstream().views.os(name, { storage: StorageType.File });
      if (replicas > 1) await manager.streams.update(`OBJ_${name}`, { num_replicas: replicas });
    },
  };
}
