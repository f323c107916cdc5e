import { unopened } from '../dialling/protocol-handler.js';
import type {
  InfoInternals,
  NatsConnectionInternals,
  ProtocolHandlerConstructor,
  ProtocolHandlerInternals,
  PublishInternals,
  SubscriptionInternals,
} from '../drivers/internals.js';

/** The connections under a stable one. */
export interface Wire {
  /** The protocol handler of the current connection; absent until there is one. */
  readonly handler: ProtocolHandlerInternals | undefined;
  /** What the server of the current connection has told of itself last, also while it is dialled again; absent until there was one. */
  readonly info: InfoInternals | undefined;
  publish(subject: string, payload: Uint8Array | string | undefined, options?: PublishInternals): void;
  subscribe(subscription: SubscriptionInternals): void;
  /** @param max ends it with as many messages, counted from its beginning. */
  unsubscribe(subscription: SubscriptionInternals, max?: number): void;
  /** Resolves when the server has what was sent, and what it sent before has been handed over. */
  flush(): Promise<void>;
  rotate(): Promise<void>;
  /** Ends the role. */
  close(): Promise<void>;
}

/**
 * Creates the protocol handler of a stable connection. It has the subscriptions and requests of the application, as every protocol
 * handler of nats.js has, but never a socket of its own: it sends and receives on the connection that is current.
 */
export function createStableHandler(
  Base: ProtocolHandlerConstructor,
  publisher: NatsConnectionInternals,
  wire: Wire,
): ProtocolHandlerInternals {
  let Handler = handlers.get(Base);
  if (!Handler) handlers.set(Base, (Handler = onWire(Base)));
  return new Handler(publisher, wire);
}

type StableHandlerConstructor = new (
  publisher: NatsConnectionInternals,
  wire: Wire,
) => ProtocolHandlerInternals;

/** One class per driver. */
const handlers = new WeakMap<ProtocolHandlerConstructor, StableHandlerConstructor>();

/** What is known of the server, and what nats.js and JetStream read as properties. */
const OF_THE_CURRENT = ['connected', 'infoReceived', 'features', 'servers'] as const;

function onWire(Base: ProtocolHandlerConstructor): StableHandlerConstructor {
  return class StableHandler extends Base {
    readonly #wire: Wire;
    #ending?: Promise<void>;
    #isLast = false;

    constructor(publisher: NatsConnectionInternals, wire: Wire) {
      super(publisher.options, publisher);
      this.#wire = wire;
      this.transport = unopened;
      Object.defineProperty(this, 'info', { get: () => wire.info });
      for (const member of OF_THE_CURRENT) {
        const own = this[member];
        Object.defineProperty(this, member, { get: () => (wire.handler ? wire.handler[member] : own) });
      }
    }

    override publish(subject: string, payload?: Uint8Array | string, options?: PublishInternals): void {
      this.#wire.publish(subject, payload, options);
    }

    override _sub(subscription: SubscriptionInternals): void {
      this.#wire.subscribe(subscription);
    }

    override unsub(subscription: SubscriptionInternals, max?: number): void {
      if (this.isClosed()) return;
      this.#wire.unsubscribe(subscription, max);
      subscription.max = max;
    }

    override resub(subscription: SubscriptionInternals, subject: string): void {
      if (this.isClosed()) return;
      const { max } = subscription;
      this.#wire.unsubscribe(subscription);
      subscription.subject = subject;
      this.subscriptions.resub(subscription);
      this.#wire.subscribe(subscription);
      subscription.max = max;
    }

    override flush(): Promise<void> {
      return this.#wire.flush();
    }

    override reconnect(): Promise<void> {
      return this.#wire.rotate();
    }

    override getServer(): ReturnType<ProtocolHandlerInternals['getServer']> {
      return this.#wire.handler?.getServer();
    }

    override close(error?: Error): Promise<void> {
      return this.#isLast ? super.close(error) : this.#end(error);
    }

    override _close(error?: Error): Promise<void> {
      return this.#isLast ? super._close(error) : this.#end(error);
    }

    #end(error?: Error): Promise<void> {
      this.#ending ??= this.#wire.close().then(() => {
        this.#isLast = true;
        return super.close(error);
      });
      return this.#ending;
    }
  };
}
