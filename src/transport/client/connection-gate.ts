import type { Subscription } from 'rxjs';

import { DisconnectedError } from '../../../libs/connection/index.js';
import type { ClientSettings } from './client-options.js';

/** Why calls cannot go out: there is no connection yet, or it is not open to them yet; or it is lost. */
export type GateClosed = 'opening' | 'down';

/** Holds calls back while they cannot go out, up to a limit. */
export class ConnectionGate {
  readonly #waiting = new Set<Waiter>();

  constructor(
    private readonly settings: Pick<ClientSettings, 'whileDisconnected' | 'maxWaiting'>,
    private readonly name: string,
  ) {}

  /**
   * @param caller gives its place up when it ends: the promise does not settle then.
   * @throws {@link DisconnectedError} when calls do not wait, or too many do.
   */
  pass(closed: GateClosed, caller?: Subscription): Promise<void> {
    const { whileDisconnected, maxWaiting } = this.settings;
    if (closed === 'down' && whileDisconnected === 'fail') {
      return Promise.reject(
        new DisconnectedError(`The client connection '${this.name}' is down and being dialled again.`),
      );
    }
    if (this.#waiting.size >= maxWaiting) {
      const what = closed === 'down' ? 'is down' : 'is not there yet';
      const problem = `The client connection '${this.name}' ${what} and ${maxWaiting} calls wait for it already`;
      return Promise.reject(new DisconnectedError(`${problem}: raise 'client.maxWaiting', or slow down.`));
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiting.add(waiter);
      caller?.add(() => this.#waiting.delete(waiter));
    });
  }

  /** Lets everyone pass. */
  open(): void {
    for (const { resolve } of this.#leaving()) resolve();
  }

  /** Fails everyone. */
  close(error: Error): void {
    for (const { reject } of this.#leaving()) reject(error);
  }

  #leaving(): Waiter[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
