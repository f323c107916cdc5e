import { describeError, type Emitter } from '../../libs/base/index.js';
import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { type Role, ROLES } from '../../libs/credentials/index.js';
import type { LastError } from './last-errors.js';

/** Something that has gone wrong and has not been made good. */
export interface Trouble {
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** How often it has happened since. */
  readonly count: number;
  readonly lastError?: LastError;
  /** When the provider is asked again, in ms since the epoch; absent when nobody does so by itself. */
  readonly nextAt?: number;
}

/** What can be wrong with a connection that is there. */
type Kind = 'refused' | 'rotation' | 'stale' | 'lameDuck';

/** What is wrong although there may be a connection: since when, how often, and the last error. */
export class Troubles {
  readonly #ofRole = new Map<`${Role} ${Kind}`, Trouble>();
  readonly #ofProvider = new Map<Role | 'shared', Trouble>();

  follow(events: Emitter<NatsAuthEvents>): void {
    events.on('refreshFailed', ({ role, cause, error, retryInMs }) => {
      // A cancelled call is no failure.
      if (cause === 'cancelled') return;
      const next = retryInMs === undefined ? {} : { nextAt: Date.now() + retryInMs };
      this.#ofProvider.set(role, { ...again(this.#ofProvider.get(role), error), ...next });
    });
    events.on('refreshed', ({ role }) => {
      this.#ofProvider.delete('shared');
      for (const served of role === 'shared' ? ROLES : [role]) {
        this.#ofProvider.delete(served);
        this.#over(served, 'stale');
      }
    });
    events.on('reused', ({ role, kind }) => {
      if (kind === 'stale') this.#happened(role, 'stale', this.provider(role)?.lastError);
    });
    events.on('rotated', ({ role, outcome, error }) => {
      if (outcome === 'failure') this.#happened(role, 'rotation', error);
    });
    events.on('lameDuck', ({ role }) => this.#happened(role, 'lameDuck'));
    events.on('subscriptionRefused', ({ role, tolerated }) => {
      if (!tolerated) this.#happened(role, 'refused');
    });
    events.on('subscriptionRestored', ({ role, stillRefused }) => {
      if (stillRefused === 0) this.#over(role, 'refused');
    });
    events.on('connected', ({ role }) => this.#over(role, 'rotation', 'lameDuck'));
    events.on('closed', ({ role, error }) => {
      if (error) return;
      this.#over(role, 'refused', 'rotation', 'stale', 'lameDuck');
      this.#ofProvider.delete(role);
    });
  }

  of(role: Role, kind: Kind): Trouble | undefined {
    return this.#ofRole.get(`${role} ${kind}`);
  }

  /** Failures of the provider in calls that were for this role, too. */
  provider(role: Role): Trouble | undefined {
    return this.#ofProvider.get('shared') ?? this.#ofProvider.get(role);
  }

  #happened(role: Role, kind: Kind, error?: Error | LastError): void {
    this.#ofRole.set(`${role} ${kind}`, again(this.of(role, kind), error));
  }

  #over(role: Role, ...kinds: Kind[]): void {
    for (const kind of kinds) this.#ofRole.delete(`${role} ${kind}`);
  }
}

function again(before: Trouble | undefined, error?: Error | LastError): Trouble {
  const at = Date.now();
  const lastError = error instanceof Error ? { at, message: describeError(error) } : error;
  return { since: before?.since ?? at, count: (before?.count ?? 0) + 1, ...(lastError && { lastError }) };
}
