import type { Clock } from '../../base/index.js';
import type { TransportInternals } from '../drivers/internals.js';
import { discard } from './dial-failures.js';

/**
 * Fails a dial whose address does not answer: nats.js gives it all of its time-out, and a network that swallows packets makes it
 * wait for that. What comes after INFO and TLS, as the time that an auth callout takes, is left to the time-out.
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
