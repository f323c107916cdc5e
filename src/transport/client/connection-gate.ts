import { DisconnectedError } from '../../../libs/connection/index.js';
import type { ClientSettings } from './client-options.js';

/** Holds calls back while there is no connection, up to a limit. */
export class ConnectionGate {
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(
    private readonly settings: ClientSettings,
    private readonly name: string,
  ) {}

  /** @throws {@link DisconnectedError} when calls do not wait, or too many do. */
  pass(): Promise<void> {
    const { whileDisconnected, maxWaiting } = this.settings;
    if (whileDisconnected === 'fail') {
      return Promise.reject(
        new DisconnectedError(`The client connection '${this.name}' is down and being dialled again.`),
      );
    }
    if (this.#waiting.length >= maxWaiting) {
      const problem = `The client connection '${this.name}' is down and ${maxWaiting} calls wait for it already`;
      return Promise.reject(new DisconnectedError(`${problem}: raise 'client.maxWaiting', or slow down.`));
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Lets everyone pass. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  /** Fails everyone. */
  close(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
