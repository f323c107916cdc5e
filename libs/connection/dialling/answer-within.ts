import type { Clock } from '../../base/index.js';
import type { TransportInternals } from '../drivers/internals.js';
import { discard } from './dial-failures.js';

/**
 * Fails a dial whose address does not answer: in a network that drops the packets, nats.js would wait for its whole timeout.
 * What follows INFO and TLS, such as the time of an auth callout, is left to that timeout.
 */
export function answerWithin(
  transport: TransportInternals,
  limitMs: number,
  clock: Clock,
  onSilence: () => void = () => {},
): void {
  const connect = transport.connect.bind(transport);
  transport.connect = async (server, options) => {
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(limitMs, () => {
        discard(transport);
        onSilence();
        reject(new Error(`${server.toString()} did not answer within ${limitMs} ms.`));
      });
    });
    try {
      await Promise.race([connect(server, options), late]);
    } finally {
      cancel();
    }
  };
}
