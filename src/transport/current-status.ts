import type { NatsConnection } from '../module/nats-connection.js';

/**
 * A connection for the stock status loop: it tells the status of `client` only while `client` is the current one, so
 * that a connection that has handed over closes without a word. While it is down nats.js tells each dial that fails as a disconnect, and
 * what the server said as an error; the stock loop would log two errors for each dial. The reason is in our own log, once.
 */
export function currentStatus(
  client: NatsConnection,
  current: () => unknown,
): Pick<NatsConnection, 'status'> {
  return {
    status: async function* () {
      let isUp = true;
      for await (const status of client.status()) {
        if (current() !== client) return;
        const { type } = status as { type?: unknown };
        if (!isUp && (type === 'disconnect' || type === 'error')) continue;
        if (type === 'disconnect' || type === 'reconnect') isUp = type === 'reconnect';
        yield status;
      }
    },
  };
}

/** `NatsStatus.CONNECTED`, which is an enumeration that exists for the compiler only. */
export const CONNECTED = 'connected' as never;
