import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';

import { untilItWorks } from '../jetstream/retry.js';
import { SERVERS } from '../nats/nats-configuration.js';

/** Where orders are kept. */
export const ORDERS = { stream: 'ORDERS', subject: 'placed.order', consumer: 'ledger' } as const;

/** An order that was not acknowledged for so long is delivered again. */
const ACK_WAIT_MS = 5_000;
/** A repeat with the same `msgID` is known for so long. */
const DUPLICATES_WITHIN_MS = 10 * 60_000;
const START_WITHIN_MS = 30_000;

/** Makes the stream, and the consumer that the ledger reads it with; both are there afterwards, whoever made them. */
export function createOrderStream(nc: NatsConnection): Promise<void> {
  return untilItWorks(async () => {
    const manager = await jetstreamManager(nc);
    await manager.streams.add({
      name: ORDERS.stream,
      subjects: [ORDERS.subject],
      num_replicas: SERVERS,
      duplicate_window: nanos(DUPLICATES_WITHIN_MS),
      max_age: nanos(60 * 60_000),
    });
    await manager.consumers.add(ORDERS.stream, {
      durable_name: ORDERS.consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
    });
  }, AbortSignal.timeout(START_WITHIN_MS));
}
