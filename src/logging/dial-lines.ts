import { type NatsAuthEvents, RejectedError } from '../../libs/connection/index.js';
import { type Clock, describeError, type Emitter } from '../../libs/base/index.js';
import type { Role } from '../../libs/credentials/index.js';
import { dialFailureOf } from '../../libs/metrics/index.js';
import { clockHint, isFarFromExpiry } from './clock-hint.js';
import { dialFailed, dialsFailed, type FailedDial, inBrackets, kindOf, rejection } from './dial-words.js';
import type { Log } from './log.js';
import { type Trouble, Troubles } from './trouble.js';
import { duration } from './words.js';

/** Dials that fail, until one succeeds: what is new at once, what goes on every now and then. */
export class DialLines {
  readonly #troubles: Troubles<Role>;
  /** The last result of each address that was dialled since the last line of its role. */
  readonly #untold = new Map<Role, Map<string, FailedDial>>();
  #clockHinted = false;

  constructor(
    private readonly log: Log,
    clock: Clock,
    events: Emitter<NatsAuthEvents>,
  ) {
    this.#troubles = new Troubles(clock);
    events.on('connectFailed', (event) => this.#failed(event));
    events.on('rejected', (event) => {
      if (event.attempt > 0) this.#refused(event);
    });
  }

  /** A server ended the established connection of a role, which was up for so long. */
  ended(event: NatsAuthEvents['rejected'], upMs: number | undefined): void {
    this.forget(event.role);
    this.#troubles.of(event.role).happens(kindOf(event.error));
    const after = upMs === undefined ? 'disconnected' : `disconnected after ${duration(upMs)}`;
    this.#tellRejected(event, `${after}: ${rejection(event)}`, { upMs });
  }

  /** The outage of a role is over, or another one begins. */
  forget(role: Role): Trouble | undefined {
    this.#untold.delete(role);
    return this.#troubles.end(role);
  }

  #failed(event: NatsAuthEvents['connectFailed']): void {
    const { connection, role, server, error, attempt, downMs } = event;
    const text = this.#text(event, () => dialFailed(event), { attempt, downMs });
    if (text === undefined) return;
    this.log('warn', `${connection}/${role}: ${text}`, {
      event: 'connectFailed',
      connection,
      role,
      server,
      reason: dialFailureOf(error),
      code: error.code,
      error: describeError(error),
      attempt,
      downMs,
    });
  }

  #refused(event: NatsAuthEvents['rejected']): void {
    const downMs = this.#troubles.of(event.role).lastedMs;
    const progress = { attempt: event.attempt, downMs };
    const text = this.#text(event, () => `${rejection(event)} ${inBrackets(progress)}`, progress);
    this.#tellRejected(event, text, { downMs });
  }

  #tellRejected(
    { connection, role, server, error, attempt, user, afterExpiryMs }: NatsAuthEvents['rejected'],
    text: string | undefined,
    more: { readonly upMs?: number; readonly downMs?: number },
  ): void {
    const fields = { event: 'rejected', connection, role, server, reason: error.kind, code: error.code };
    const details = { error: describeError(error), attempt, user, afterExpiryMs, ...more };
    if (text !== undefined) this.log('warn', `${connection}/${role}: ${text}`, { ...fields, ...details });
    if (this.#clockHinted || !isFarFromExpiry(afterExpiryMs)) return;
    this.#clockHinted = true;
    this.log('warn', `${connection}/${role}: ${clockHint(afterExpiryMs)}`, { ...fields, afterExpiryMs });
  }

  /** What is told of a dial; `undefined` while it is no news. */
  #text(
    { role, server, error }: FailedDial & { readonly role: Role },
    anew: () => string,
    progress: { readonly attempt: number; readonly downMs: number },
  ): string | undefined {
    const untold = this.#untold.get(role) ?? new Map<string, FailedDial>();
    this.#untold.set(role, untold.set(server, { server, error }));
    const news = this.#troubles.of(role).happens(kindOf(error));
    if (news === undefined) return undefined;
    this.#untold.delete(role);
    const isAlone = untold.size === 1 && error instanceof RejectedError;
    return news === 'new' || isAlone ? anew() : dialsFailed([...untold.values()], progress);
  }
}
