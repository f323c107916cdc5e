import { type NatsAuthClient, NatsAuthError } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { lastValueFrom } from 'rxjs';

import type { FaultWindow } from './fault-window.js';
import type { OnceEach } from './once-each.js';
import type { Problems } from './problems.js';

/** Numbered events, each of which must be heard if the server took it outside of a fault. */
export class Events {
  sent = 0;
  readonly #accepted = new Map<number, () => boolean>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly client: NatsAuthClient,
    private readonly heard: OnceEach,
    private readonly window: FaultWindow,
    private readonly problems: Problems,
  ) {}

  get pending(): number {
    return this.#underWay.size;
  }

  send(): void {
    const n = this.sent++;
    const excused = this.window.watch('requests');
    const sending = lastValueFrom(this.client.emit('soak.event', n), { defaultValue: undefined })
      .then(
        () => void this.#accepted.set(n, excused),
        (error: unknown) => this.#failed(error, excused()),
      )
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Waits until all that was sent was heard, or may be lost. */
  async settle(): Promise<void> {
    await eventually(() => this.pending === 0, {
      what: 'all events to be taken or refused',
      timeoutMs: 20_000,
    });
    const missing = () => [...this.#accepted].filter(([n, excused]) => !this.heard.has(n) && !excused());
    await eventually(() => missing().length === 0).catch(() => {
      for (const [n] of missing()) this.problems.add(`event ${n} was lost outside of faults`);
    });
    this.#accepted.clear();
  }

  #failed(error: unknown, excused: boolean): void {
    if (!excused) this.problems.add(`an event failed outside of faults: ${String(error)}`);
    else if (!(error instanceof NatsAuthError))
      this.problems.add(`an event failed with an error not ours: ${String(error)}`);
  }
}
