import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { describeError, type Emitter } from '../../libs/base/index.js';
import { type Role, ROLES } from '../../libs/credentials/index.js';

/**
 * What went wrong last, without secrets.
 * @public
 */
export interface LastError {
  /** In ms since the epoch. */
  readonly at: number;
  /** What went wrong, without secrets. */
  readonly message: string;
}

/** Where an error belongs: to the connection of a role, or to a provider call for it. */
type Place = Role | `provider for ${Role | 'shared'}`;

/** The last error of each role's connection and of the provider, until it recovers. */
export class LastErrors {
  /** In the order in which they came. */
  readonly #errors = new Map<Place, LastError>();

  follow(events: Emitter<NatsAuthEvents>): void {
    events.on('rejected', ({ role, error }) => this.#failed(role, error));
    events.on('connectFailed', ({ role, error }) => this.#failed(role, error));
    events.on('refreshFailed', ({ role, cause, error }) => {
      // A cancelled call is no failure.
      if (cause !== 'cancelled') this.#failed(`provider for ${role}`, error);
    });
    events.on('refreshed', ({ role }) => this.#madeGood(...providerFor(role)));
    events.on('connected', ({ role }) => this.#madeGood(role, ...providerFor(role)));
    // Without an error somebody has closed it: nothing is wrong any more.
    events.on('closed', ({ role, error }) => {
      if (!error) this.#madeGood(role, `provider for ${role}`);
    });
  }

  /** The latest of what concerns a role that is down, and otherwise of its own connection. */
  of(role: Role, isDown: boolean): LastError | undefined {
    const places: Place[] = isDown ? [role, `provider for ${role}`, 'provider for shared'] : [role];
    return [...this.#errors].filter(([place]) => places.includes(place)).at(-1)?.[1];
  }

  /** The latest of all. */
  get last(): LastError | undefined {
    return [...this.#errors.values()].at(-1);
  }

  #failed(place: Place, error: Error): void {
    this.#errors.delete(place);
    this.#errors.set(place, { at: Date.now(), message: describeError(error) });
  }

  #madeGood(...places: Place[]): void {
    for (const place of places) this.#errors.delete(place);
  }
}

/** The calls that are made good by one for `role`. */
function providerFor(role: Role | 'shared'): Place[] {
  const roles = role === 'shared' ? ROLES : [role];
  return [...roles, 'shared' as const].map((one) => `provider for ${one}` as const);
}
