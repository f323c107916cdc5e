import type { ServerError } from '../dialling/server-error.js';

/** Subscriptions that the server has refused: one whose subject it named, or as many as it did not name. */
export interface Refusal {
  /** A phrase that holds no secret. */
  readonly problem: string;
  /** The subject, if the server named it. */
  readonly subject?: string;
  /** How many subscriptions. */
  readonly count: number;
}

/** What one establishment, or one attempt to subscribe again, has found so far. */
class Found {
  readonly denied = new Set<string>();
  /** How many subscriptions were refused without being named, by the server's message. */
  readonly unnamed = new Map<string, number>();

  get all(): Refusal[] {
    return [
      ...[...this.denied].map((subject) => ({ problem: denial(subject), subject, count: 1 })),
      ...[...this.unnamed].map(([message, count]) => ({ problem: refusal(message, count), count })),
    ];
  }
}

/** The subscriptions that the server has refused on one connection. */
export class Refusals {
  #found = new Found();
  /** What is being subscribed at this moment; its result replaces what was found before. */
  #round?: { readonly subscribed: Promise<void>; readonly found: Found };

  /** @param onChange is called when there may be other refusals than before. */
  constructor(private readonly onChange: () => void) {}

  /** All that are refused now. */
  get all(): Refusal[] {
    return this.#found.all;
  }

  /** Whether subscriptions are being sent to the server and are not confirmed yet. */
  get watching(): boolean {
    return this.#round !== undefined;
  }

  /**
   * Counts each -ERR that arrives until `subscribed` settles as a refusal: only subscriptions are in flight then, and a
   * server that has reached its limit of subscriptions does not say which one it drops. What is not refused again by then
   * is heard.
   */
  async watch(subscribed: Promise<void>): Promise<void> {
    const round = (this.#round = { subscribed, found: new Found() });
    try {
      await subscribed;
      // A connection that is lost meanwhile is watched anew: an -ERR that arrives in between is not a refusal.
      if (this.#round === round) this.#found = round.found;
    } finally {
      if (this.#round === round) {
        this.#round = undefined;
        this.onChange();
      }
    }
  }

  /**
   * The credentials have no permission for a subscription.
   * @returns whether that was known before.
   */
  denied(subject: string): boolean {
    const isKnown = this.#found.denied.has(subject);
    (this.#round?.found ?? this.#found).denied.add(subject);
    if (!this.#round) this.onChange();
    return isKnown;
  }

  /**
   * The server sent an -ERR that names no subscription.
   * @returns whether it is a refusal that was known before.
   */
  heard(message: string, { type }: ServerError): boolean {
    if (!this.#round || (type !== 'limit' && type !== 'other')) return false;
    const { unnamed } = this.#round.found;
    unnamed.set(message, (unnamed.get(message) ?? 0) + 1);
    return this.#found.unnamed.has(message);
  }

  /** The connection was lost: nats.js subscribes again what the server did not deny by name. */
  lost(): void {
    this.#round?.found.unnamed.clear();
  }
}

/** @throws {Error} that names what a successor lacks although its predecessor has it. */
export function assertNothingLacking(successor: readonly Refusal[], predecessor: readonly Refusal[]): void {
  const lackedBefore = new Map(predecessor.map(({ problem, subject, count }) => [subject ?? problem, count]));
  const unnamedBefore = predecessor.reduce((sum, { subject, count }) => sum + (subject ? 0 : count), 0);
  const lacking = successor.filter(({ subject, count }) =>
    subject === undefined ? count > unnamedBefore : !lackedBefore.has(subject),
  );
  if (lacking.length === 0) return;
  throw new Error(
    `The new connection lacks subscriptions: ${lacking.map(({ problem }) => problem).join('; ')}.`,
  );
}

/** What has changed since the refusals of a role were told. */
export function changedRefusals(
  told: readonly Refusal[],
  now: readonly Refusal[],
): { readonly refused: Refusal[]; readonly restored: Refusal[] } {
  // Those that the server does not name can only be counted.
  const beyond = (all: readonly Refusal[], others: readonly Refusal[]) =>
    all.flatMap((one) => {
      const before = others.find(({ subject }) => subject === one.subject)?.count ?? 0;
      return one.count > before ? [{ ...one, count: one.count - before }] : [];
    });
  return { refused: beyond(now, told), restored: beyond(told, now) };
}

function denial(subject: string): string {
  return `the credentials may not subscribe to '${subject}'`;
}

function refusal(serverMessage: string, count: number): string {
  return `the server refused ${count} subscription${count === 1 ? '' : 's'}: '${serverMessage}'`;
}
