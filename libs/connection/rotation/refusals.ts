/** The subscriptions that the server has refused on one connection. */
export class Refusals {
  /** Subjects; nats.js does not subscribe them again when it reconnects. */
  readonly #denied = new Set<string>();
  /** In the server's words, since the connection was established last. */
  #errors: string[] = [];
  /** The newest of what is being watched. */
  #watched?: Promise<void>;

  /** @param onRefusal hears of each, as a phrase without secrets. */
  constructor(private readonly onRefusal: (problem: string) => void) {}

  /** Each as a phrase. */
  get all(): string[] {
    return [...[...this.#denied].map(denial), ...this.#errors.map(refusal)];
  }

  /** Whether the subscriptions are on their way to the server. */
  get watching(): boolean {
    return this.#watched !== undefined;
  }

  /**
   * Takes each -ERR that comes until `subscribed` settles for a refusal: nothing but subscriptions is on its way then, and a
   * server that has too many of them does not say which one it drops.
   */
  async watch(subscribed: Promise<void>): Promise<void> {
    this.#errors = [];
    this.#watched = subscribed;
    try {
      await subscribed;
    } finally {
      // A connection that is lost meanwhile is watched anew: what it hears in between is no refusal.
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

  /** @throws {Error} naming them all. */
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
