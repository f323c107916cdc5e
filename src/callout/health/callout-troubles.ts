import { describeError, type Emitter } from '../../../libs/base/index.js';
import type { CalloutEvents } from '../../../libs/callout/index.js';
import type { LastError } from '../../status/last-errors.js';
import type { CalloutCondition } from './callout-conditions.js';

/** Something that goes wrong with requests, as long as it does. */
export interface CalloutTrouble {
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** How often it has happened since. */
  readonly count: number;
  /** The last time. */
  readonly lastError: LastError;
}

/** What is told of requests. */
export type TroubleKind = Exclude<CalloutCondition, 'notListening'>;

/** After so long without another one, in ms, a trouble is over. */
export const TROUBLE_LASTS_MS = 60_000;

/** What has gone wrong with requests of late. */
export class CalloutTroubles {
  readonly #troubles = new Map<TroubleKind, CalloutTrouble>();

  /** @param now the time in ms since the epoch. */
  constructor(
    events: Emitter<CalloutEvents>,
    private readonly now: () => number = Date.now,
  ) {
    events.on('admitted', () => this.#over('failing', 'overloaded'));
    events.on('refused', ({ reason, error }) => {
      if (reason === 'busy') this.#happened('overloaded', error);
      else this.#over('failing');
    });
    events.on('failed', ({ error }) => this.#happened('failing', error));
    events.on('discarded', ({ error }) => this.#happened('requestsDiscarded', error));
    events.on('answerRefused', ({ error }) => this.#happened('answersRefused', error));
  }

  /** Those that go on. */
  get current(): ReadonlyMap<TroubleKind, CalloutTrouble> {
    return new Map([...this.#troubles].filter(([, trouble]) => this.#goesOn(trouble)));
  }

  #happened(kind: TroubleKind, error: Error): void {
    const at = this.now();
    const before = this.#troubles.get(kind);
    const known = before && this.#goesOn(before) ? before : { since: at, count: 0 };
    this.#troubles.set(kind, {
      since: known.since,
      count: known.count + 1,
      lastError: { at, message: describeError(error) },
    });
  }

  #over(...kinds: TroubleKind[]): void {
    for (const kind of kinds) this.#troubles.delete(kind);
  }

  #goesOn({ lastError }: CalloutTrouble): boolean {
    return this.now() - lastError.at <= TROUBLE_LASTS_MS;
  }
}
