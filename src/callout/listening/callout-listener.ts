import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

import { backoffDelay, ClosedError, Emitter, sleep, systemClock } from '../../../libs/base/index.js';
import {
  type Authorizer,
  Callout,
  type CalloutEvents,
  type CalloutSettings,
} from '../../../libs/callout/index.js';
import { type RotatingConnection, SubscriptionRefusedError } from '../../../libs/connection/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';
import type { Registration } from '../../module/registration.js';
import type { Opened, Registry } from '../../module/registry.js';
import type { ServerSession } from '../../transport/server/server-session.js';
import { calloutSession } from './callout-session.js';

/** What a listener works with. */
export interface CalloutListenerParts {
  /** Of its connection. */
  readonly registration: Registration;
  readonly registry: Registry;
  readonly settings: CalloutSettings;
  /** @throws {@link OptionsInvalidError} what the application gives is none. */
  readonly authorizer: () => Authorizer;
}

type CalloutConnection = RotatingConnection<NatsConnection, ServerSession>;

type State =
  | { readonly phase: 'idle' }
  | { readonly phase: 'begun'; readonly connection: CalloutConnection }
  | { readonly phase: 'ended'; readonly ended: Promise<void> };

/** The events of its connection after which servers may reach it, or not any more. */
const CHANGES = [
  'connected',
  'disconnected',
  'closed',
  'subscriptionRefused',
  'subscriptionRestored',
] as const;

/** Hears what servers ask, from the start of the application to its end, and over every rotation of its connection. */
export class CalloutListener implements Opened, OnApplicationBootstrap, OnModuleDestroy {
  readonly events = new Emitter<CalloutEvents>();
  readonly callout: Callout;
  readonly #over = new AbortController();
  #state: State = { phase: 'idle' };
  #since = Date.now();
  #authorizer?: Authorizer;
  #toldListening = false;
  #begun?: Promise<void>;

  constructor(private readonly parts: CalloutListenerParts) {
    const { registration, settings } = parts;
    registration.reserveServer('an auth callout');
    this.callout = new Callout({
      connection: registration.name,
      settings,
      authorizer: { authorize: (request, context) => this.#given.authorize(request, context) },
      events: this.events,
    });
    for (const change of CHANGES) registration.events.on(change, () => this.#tell());
  }

  get name(): string {
    return this.parts.registration.name;
  }

  get settings(): CalloutSettings {
    return this.parts.settings;
  }

  /** Whether servers can reach it at this moment. */
  get listening(): boolean {
    if (this.#state.phase !== 'begun') return false;
    const { state, refusedSubscriptions } = this.#state.connection;
    return state === 'connected' && refusedSubscriptions.length === 0;
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  /** Since when it is in that phase, in ms since the epoch. */
  get since(): number {
    return this.#since;
  }

  /**
   * Connects, and joins the queue group, of which the server knows when this resolves. Under `connection.waitOnFirstConnect` it does so in the
   * background: NestJS lets nobody end an application that is starting.
   * @throws the errors of a first connect.
   * @throws {@link SubscriptionRefusedError} with `handlers.failStart`.
   */
  onApplicationBootstrap(): Promise<void> {
    const { registry, registration } = this.parts;
    // Nest calls it twice when a microservice is initialized by itself, and listens later.
    this.#begun ??= registry.bootstrapping(async () => {
      this.#authorizer = this.#given;
      if (registration.transport.waitOnFirstConnect) void this.#listenInBackground();
      else await this.#listen();
    }, this);
    return this.#begun;
  }

  /**
   * Leaves the queue group, has what is under way answered for at most `gracePeriod` ms, and closes. It is the first hook of a shutdown, because the
   * authorizer may use what others close in theirs.
   */
  onModuleDestroy(): Promise<void> {
    return this.#end(async (connection) => {
      const { registration } = this.parts;
      registration.connections.release('server');
      // Nothing can be answered without a connection.
      if (connection.state === 'connected') await connection.drain(registration.gracePeriod);
      await this.callout.finish(0);
      await connection.close();
    });
  }

  abandon(): Promise<void> {
    return this.#end((connection) => connection.close());
  }

  get #given(): Authorizer {
    return (this.#authorizer ??= this.parts.authorizer());
  }

  async #listen(): Promise<void> {
    this.#over.signal.throwIfAborted();
    const { registration } = this.parts;
    const connection = registration.connect<ServerSession>('server', {
      createSession: (nc) => calloutSession(nc, { ...this.parts, events: this.events }, this.callout),
    });
    this.#become({ phase: 'begun', connection });
    await connection.open();
    const refused = connection.refusedSubscriptions;
    if (registration.handlers.failStart && refused.length > 0) throw new SubscriptionRefusedError(refused);
  }

  async #listenInBackground(): Promise<void> {
    const { retry } = this.parts.registration.handlers;
    const { signal } = this.#over;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await this.#listen();
      } catch {
        // The events of the connection have told why.
        await sleep(systemClock, backoffDelay(retry, failures, Math.random), signal).catch(() => {});
      }
    }
  }

  #end(close: (connection: CalloutConnection) => Promise<void>): Promise<void> {
    const state = this.#state;
    if (state.phase === 'ended') return state.ended;
    this.#over.abort(new ClosedError('The callout'));
    const ended = state.phase === 'begun' ? close(state.connection) : Promise.resolve();
    this.#become({ phase: 'ended', ended });
    return ended;
  }

  #become(state: State): void {
    this.#state = state;
    this.#since = Date.now();
    this.#tell();
  }

  #tell(): void {
    const { listening } = this;
    if (listening === this.#toldListening) return;
    this.#toldListening = listening;
    this.events.emit('listening', { connection: this.name, listening });
  }
}
