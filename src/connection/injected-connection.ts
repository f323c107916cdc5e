import { connectionClosed, type StableConnection } from '../../libs/connection/index.js';
import type { NatsConnection } from '../module/nats-connection.js';

/** What the connection of a registration needs of it. */
export interface InjectedConnectionParts {
  /** The registration's name. */
  readonly name: string;
  /** Makes a connection that is not open yet. */
  readonly create: () => StableConnection<NatsConnection>;
}

/** What there is: `opened` settles with the first connect. */
type State =
  | { readonly phase: 'unused' }
  | {
      readonly phase: 'used';
      readonly stable: StableConnection<NatsConnection>;
      readonly opened: Promise<NatsConnection>;
    }
  | { readonly phase: 'shut down'; readonly opened: Promise<NatsConnection>; readonly closed: Promise<void> };

/** The nats.js connection that a registration gives to whoever injects it: one for all, opened when the first one asks for it. */
export class InjectedConnection {
  #state: State = { phase: 'unused' };

  constructor(private readonly parts: InjectedConnectionParts) {}

  /**
   * Connects; later calls return the same connection. After a first connect that has failed the next call tries anew.
   * @throws the errors of a first connect.
   * @throws {@link ClosedError} the application has shut down before it was open.
   */
  open(): Promise<NatsConnection> {
    if (this.#state.phase !== 'unused') return this.#state.opened;
    const stable = this.parts.create();
    const opened = stable.rotating.open().then(() => stable.nc);
    const used = (this.#state = { phase: 'used', stable, opened });
    opened.catch(() => {
      if (this.#state === used) this.#state = { phase: 'unused' };
    });
    return opened;
  }

  /**
   * Ends the subscriptions, lets pending work finish for at most `gracePeriod` ms, and closes. A connect that is under way is given up. Later
   * calls return the same promise.
   */
  shutDown(gracePeriod: number): Promise<void> {
    const state = this.#state;
    if (state.phase === 'shut down') return state.closed;
    const opened = state.phase === 'used' ? state.opened : this.#neverOpened();
    const closed = state.phase === 'used' ? end(state.stable, gracePeriod) : Promise.resolve();
    this.#state = { phase: 'shut down', opened, closed };
    return closed;
  }

  /** Closes it at once; the next call opens another one. */
  async abandon(): Promise<void> {
    if (this.#state.phase !== 'used') return;
    const { stable } = this.#state;
    this.#state = { phase: 'unused' };
    await stable.rotating.close();
  }

  #neverOpened(): Promise<never> {
    const never = Promise.reject(connectionClosed({ role: 'connection', name: this.parts.name }));
    // Nobody may ask for it.
    never.catch(() => {});
    return never;
  }
}

async function end({ rotating }: StableConnection<unknown>, gracePeriod: number): Promise<void> {
  await rotating.drain(gracePeriod);
  await rotating.close();
}
