import type { Clock } from '../../base/index.js';
import type { ProtocolHandlerInternals } from '../drivers/internals.js';

/** How long a server may take for a PONG that is asked for out of turn, in ms. */
const PONG_WITHIN_MS = 5_000;

/**
 * Asks the server for a PONG when there is reason to doubt that it is there, without waiting for the next ping. A connection on which
 * nothing at all arrives meanwhile is gone, and is dialled again.
 */
export class SignOfLife {
  /** Ends the question that is asked at the moment. */
  #cancel?: () => void;

  constructor(
    private readonly handler: ProtocolHandlerInternals,
    private readonly clock: Clock,
  ) {}

  /** Safe to call at any time; one question at a time is asked. */
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
    // In two halves: a process that stood still finds the first timer due before it reads what has arrived meanwhile.
    cancelTimer = this.clock.after(PONG_WITHIN_MS / 2, () => {
      cancelTimer = this.clock.after(PONG_WITHIN_MS / 2, drop);
    });
    this.#cancel = cancel;
    const over = () => {
      if (this.#cancel === cancel) this.end();
    };
    handler.flush().then(over, over);
  }

  /** The connection is closed, or is not the one that was asked any more. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
