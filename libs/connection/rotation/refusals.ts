/** The subscriptions that the server has refused on one connection. */
export class Refusals {
  /** Denied subjects; nats.js does not subscribe them again when it reconnects. */
  readonly #denied = new Set<string>();
  /** The server's messages since the connection was last established. */
  #errors: string[] = [];
  /** The latest promise that is being watched. */
  #watched?: Promise<void>;

  /** @param onRefusal is called for each one, with a phrase that holds no secret. */
  constructor(private readonly onRefusal: (problem: string) => void) {}

  /** All refusals, each as a phrase. */
  get all(): string[] {
    return [...[...this.#denied].map(denial), ...this.#errors.map(refusal)];
  }

  /** Whether subscriptions are being sent to the server and are not confirmed yet. */
  get watching(): boolean {
    return this.#watched !== undefined;
  }

  /**
   * Counts each -ERR that arrives until `subscribed` settles as a refusal: only subscriptions are in flight then, and a
   * server that has reached its limit of subscriptions does not say which one it drops.
   */
  async watch(subscribed: Promise<void>): Promise<void> {
    this.#errors = [];
    this.#watched = subscribed;
    try {
      await subscribed;
    } finally {
      // A connection that is lost meanwhile is watched anew: an -ERR that arrives in between is not a refusal.
      if (this.#watched === subscribed) this.#watched = undefined;
    }
  }

  /** The credentials have no permission for a subscription. */
  denied(subject: string): void {
    if (this.#denied.has(subject)) return;
    this.#denied.add(subject);
    this.onRefusal(denial(subject));
  }

  /** The server sent an -ERR that names no subscription. */
  heard(message: string): void {
    if (!this.watching || this.#errors.includes(message)) return;
    this.#errors.push(message);
    this.onRefusal(refusal(message));
  }

  /** @throws {Error} that names all refusals. */
  throwIfAny(): void {
    const { all } = this;
    if (all.length > 0) throw new Error(`The new connection lacks subscriptions: ${all.join('; ')}.`);
  }
}

function denial(subject: string): string {
  return `the credentials may not subscribe to '${subject}'`;
}

function refusal(serverMessage: string): string {
  return `the server refused subscriptions: '${serverMessage}'`;
}
