/** The NATS cluster: refuses connections while it is down, and has lost all of them then. */
export class Cluster {
  readonly #connections = new Set<() => void>();
  #down = false;

  stop(): void {
    this.#down = true;
    for (const lost of [...this.#connections]) lost();
  }

  start(): void {
    this.#down = false;
  }

  /** An attempt to connect. @throws {Error} while it is down. */
  accept(): Promise<void> {
    return this.#down ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve();
  }

  /** Calls `lost` when the connection is lost; the returned function ends that. */
  connected(lost: () => void): () => void {
    this.#connections.add(lost);
    return () => void this.#connections.delete(lost);
  }
}
