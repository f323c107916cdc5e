import type { Clock } from '../../base/index.js';
import type { ProtocolHandlerInternals } from '../drivers/internals.js';

/** How long a server may take to answer an extra ping, in ms. */
const PONG_WITHIN_MS = 5_000;

/**
 * Sends an extra ping when there is reason to doubt that the server still answers, instead of waiting for the next one. A
 * connection on which nothing at all arrives in the meantime is lost, and is dialled again.
 */
export class SignOfLife {
  /** Cancels the ping that is pending. */
  #cancel?: () => void;

  constructor(
    private readonly handler: ProtocolHandlerInternals,
    private readonly clock: Clock,
  ) {}

  /** Safe to call at any time; only one ping is pending at a time. */
  ask(): void {
    const { handler } = this;
    if (this.#cancel || !handler.connected) return;
    const { transport, inMsgs } = handler;
    let cancelTimer = () => {};
    const cancel = () => cancelTimer();
    const drop = () => {
      this.#cancel = undefined;
      if (handler.transport === transport && handler.connected && handler.inMsgs === inMsgs)
        handler.disconnect();
    };
    // In two halves: a process that was suspended finds the first timer due before it reads the data that has arrived meanwhile.
    cancelTimer = this.clock.after(PONG_WITHIN_MS / 2, () => {
      cancelTimer = this.clock.after(PONG_WITHIN_MS / 2, drop);
    });
    this.#cancel = cancel;
    const over = () => {
      if (this.#cancel === cancel) this.end();
    };
    handler.flush().then(over, over);
  }

  /** The connection was closed or replaced by another dial. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
