import type { NatsStatus } from '@nestjs/microservices';
import type { ReplaySubject } from 'rxjs';

import type { NatsConnection } from '../module/nats-connection.js';

/**
 * A connection for the stock status loop: it tells the status of `client` only while `client` is the current one, so
 * that a connection that has handed over closes without a word.
 */
export function currentStatus(
  client: NatsConnection,
  current: () => unknown,
): Pick<NatsConnection, 'status'> {
  return {
    status: async function* () {
      for await (const status of client.status()) {
        if (current() !== client) return;
        yield status;
      }
    },
  };
}

/** `NatsStatus.CONNECTED`, which is an enumeration that exists for the compiler only. */
export const CONNECTED = 'connected' as never;

/** What the stock client tells its status with, as a type that fits `ClientProxy`, too: that would take any text. */
export type StatusSubject = ReplaySubject<NatsStatus> & ReplaySubject<string>;
