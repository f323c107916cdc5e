import { asError, ClosedError } from '../../base/index.js';
import type { ConnectFields } from './connect-fields.js';
import { dialAddresses } from './dial-addresses.js';
import { discard, failFast, failOnGarbage, isGarbage } from './dial-failures.js';
import { DisconnectedError, NotNatsError, TlsUnavailableError } from '../errors.js';
import { KeptOutput } from './kept-output.js';
import type {
  InfoInternals,
  NamedServerInternals,
  NatsConnectionInternals,
  ProtocolHandlerConstructor,
  ProtocolHandlerInternals,
  ServerInternals,
  ServerPoolInternals,
  TransportInternals,
} from '../drivers/internals.js';
import { withReadableServers } from '../servers/told-servers.js';

/** The decisions about one connection; called by its protocol handler. */
export interface DialPolicy {
  /** Dials a server of the pool when it is next: `attempt` dials its addresses until one accepts. */
  dialServer(server: string, pool: ServerPoolInternals, attempt: () => Promise<void>): Promise<void>;
  /** Whether dialling has ended: no other server is to be tried. */
  isOver(): boolean;
  /** The addresses of a server of the pool, in the order in which they are to be dialled. */
  lookUp(server: NamedServerInternals): Promise<readonly ServerInternals[]>;
  /** Limits how long an address may stay silent. */
  limitAnswer(transport: TransportInternals, dialled: DialledAddress): void;
  /** Why the server with this INFO must not be used; `undefined` if it may. */
  unfit(info: () => InfoInternals): Error | undefined;
  /** Dials an address: `attempt` opens a socket and resolves, with the server's INFO, once the server has accepted `CONNECT`. */
  dial(dialled: DialledAddress, pool: ServerPoolInternals, attempt: Attempt): Promise<void>;
  /** What to present to a server whose INFO may have a nonce. */
  connectFields(nonce: () => string | undefined): ConnectFields | Promise<ConnectFields>;
  /** The error of a dial when the server answered `CONNECT` with -ERR, or by closing the connection; `shown` is what it had received. */
  connectRefused(serverMessage: string | undefined, shown: ConnectFields, cause?: Error): Error;
  /** The server's message, without secrets. */
  quote(serverMessage: string): string;
  /** An -ERR arrived on an established connection. `ours`: it must not reach nats.js; `goesOn`: it ends nothing. */
  serverError(serverMessage: string): 'ours' | 'goesOn' | undefined;
  /** The server announced lame-duck mode. */
  lameDuck(): void;
  /** The established connection is gone. */
  disconnected(error: Error | undefined): void;
  /** The connection is being closed for good. */
  closing(): void;
  /** Messages that were published while there was no connection will not be sent. */
  outputDropped(messages: number): void;
}

/** Opens a socket and resolves, with the server's INFO, once the server has accepted `CONNECT`. */
export type Attempt = () => Promise<InfoInternals | undefined>;

/** An address that is being dialled. */
export interface DialledAddress {
  /** The server of the pool whose name led to this address. */
  readonly server: string;
  readonly address: string;
  /** Its server was announced by the cluster and is not configured. */
  readonly gossiped: boolean;
  /** Its server has other addresses that have not been dialled. */
  readonly more: boolean;
}

/** What the `CONNECT` of the current dial presents: nats.js gets it from its `authenticator`. */
export interface Presented {
  fields: ConnectFields;
}

/** A protocol handler whose output can be held back for a while. */
export interface AuthProtocolHandlerInternals extends ProtocolHandlerInternals {
  /** Holds the output back; what is published or flushed meanwhile outlives a dial. */
  cork(): void;
  /** Sends what was held back. The next dial does so, too. */
  uncork(): void;
  /** Takes out what was published while disconnected. */
  takeKept(): Uint8Array[];
  /** Sends what another connection has kept, before everything that is published from now on. */
  sendKept(messages: readonly Uint8Array[]): void;
  /** Sends what `write` puts into the output, past what is held back, and resolves when the server has it. */
  sendPast(write: () => void): Promise<void>;
}

/** Creates the protocol handler of one connection: a nats.js protocol handler that defers to a policy. */
export function createProtocolHandler(
  Base: ProtocolHandlerConstructor,
  policy: DialPolicy,
  presented: Presented,
  publisher: NatsConnectionInternals,
): AuthProtocolHandlerInternals {
  let Handler = handlers.get(Base);
  if (!Handler) handlers.set(Base, (Handler = withPolicy(Base)));
  return new Handler(policy, presented, publisher);
}

type PolicyHandlerConstructor = new (
  policy: DialPolicy,
  presented: Presented,
  publisher: NatsConnectionInternals,
) => AuthProtocolHandlerInternals;

/** One class per driver, so that code that was compiled for one connection serves the next. */
const handlers = new WeakMap<ProtocolHandlerConstructor, PolicyHandlerConstructor>();

/**
 * Subclasses the driver's `ProtocolHandler`. nats.js calls its `authenticator` synchronously after INFO, so everything
 * asynchronous happens around it: credentials are resolved before the dial, and INFO is held back until an asynchronous
 * signer has signed.
 */
function withPolicy(Base: ProtocolHandlerConstructor): PolicyHandlerConstructor {
  return class AuthProtocolHandler extends Base {
    readonly #policy: DialPolicy;
    readonly #demandsTls: boolean;
    readonly #kept = new KeptOutput();
    readonly #presented: Presented;
    #dialled: DialledAddress = { server: '', address: '', gossiped: false, more: false };
    #wasConnected = false;
    #isCorked = false;
    /** Calls of `flush()` that are held back. */
    #flushes: (() => void)[] = [];

    constructor(policy: DialPolicy, presented: Presented, publisher: NatsConnectionInternals) {
      const { options } = publisher;
      super(options, publisher);
      this.#policy = policy;
      this.#presented = presented;
      this.#demandsTls = Boolean((options as { tls?: unknown }).tls);
    }

    // Here and not in `dial()`, which is not reached when the host name of a server cannot be resolved.
    override async _doDial(named: NamedServerInternals): Promise<void> {
      const { gossiped } = named;
      const server = named.toString();
      const attempt = () =>
        dialAddresses(
          () => this.#policy.lookUp(named),
          (found, more) => {
            const address = found.toString();
            this.#dialled = { server, address, gossiped, more };
            return super._doDial({
              gossiped,
              toString: () => address,
              resolve: () => Promise.resolve([found]),
            });
          },
        );
      try {
        await this.#policy.dialServer(server, this.servers, attempt);
      } finally {
        if (this.#policy.isOver()) this.abortReconnect = true;
      }
    }

    override dial(server: ServerInternals): Promise<void> {
      return this.#policy.dial(this.#dialled, this.servers, async () => {
        try {
          await withoutStacks(() => super.dial(server));
          this.#wasConnected = true;
          // nats.js would report it as the reason of the next disconnect.
          this.lastError = undefined;
          return this.info;
        } finally {
          // An application that keeps a connection object must not keep secrets in memory with it.
          this.#presented.fields = {};
        }
      });
    }

    override prepare(): Promise<void> {
      this.#kept.keep(this.outbound.drain());
      this.#isCorked = false;
      const pong = super.prepare();
      const { transport, connectError: fail } = this;
      if (transport && fail) {
        const closed = (cause?: Error) => {
          // Once the server has accepted `CONNECT`, no caller waits for this error.
          if (this.connectError === fail)
            fail(this.#policy.connectRefused(undefined, this.#presented.fields, cause));
        };
        failFast(transport, pong, closed, (error) => this.#notNats(error), this.#demandsTls);
        this.#policy.limitAnswer(transport, this.#dialled);
        failOnGarbage(this.parser, (error) => {
          if (this.transport !== transport) return;
          if (this.connectError) this.connectError(this.#notNats(error));
          else
            void transport.close(new DisconnectedError('The connection was garbled: it is dialled again.'));
        });
      }
      return pong;
    }

    override processInfo(received: Uint8Array): void {
      const payload = withReadableServers(received);
      if (this.infoReceived) {
        super.processInfo(payload);
        if (infoOf(payload).ldm) this.#policy.lameDuck();
        return;
      }
      const { transport } = this;
      const fail = (error: unknown) => {
        if (this.transport === transport)
          this.connectError?.(isGarbage(error) ? this.#notNats(error) : asError(error));
      };
      // Whatever INFO says about TLS: a man in the middle may have written it.
      if (this.#demandsTls && !transport?.isEncrypted()) return fail(new TlsUnavailableError());
      const answer = (fields: ConnectFields) => {
        if (this.transport !== transport || this.isClosed()) return;
        this.#presented.fields = fields;
        // Sends `CONNECT` and its PING in one packet: nats.js writes them separately.
        transport?.socket?.cork();
        try {
          super.processInfo(payload);
        } finally {
          transport?.socket?.uncork();
        }
      };
      try {
        const unfit = this.#policy.unfit(() => infoOf(payload));
        if (unfit) return fail(unfit);
        const fields = this.#policy.connectFields(() => infoOf(payload).nonce);
        if (fields instanceof Promise) fields.then(answer).catch(fail);
        else answer(fields);
      } catch (error) {
        fail(error);
      }
    }

    override processError(payload: Uint8Array): void {
      const message = textOf(payload);
      let said: 'ours' | 'goesOn' | undefined;
      if (this.connectError) {
        // Before nats.js handles it: an error that it does not recognise would be ignored until its timeout.
        this.connectError(this.#policy.connectRefused(message, this.#presented.fields));
      } else {
        said = this.#policy.serverError(message);
      }
      if (said === 'ours') return;
      // nats.js puts the text into errors of its own, and NestJS logs those.
      super.processError(encoder.encode(`'${this.#policy.quote(message)}'`));
      // nats.js would report it as the reason of the next disconnect.
      if (said === 'goesOn') this.lastError = undefined;
    }

    override disconnect(): void {
      super.disconnect();
      // nats.js closes the socket after all pending output has been sent, which never happens if the peer stops reading.
      this.transport?.socket?.destroy();
    }

    override disconnected(error?: Error): Promise<void> {
      if (this.#wasConnected) {
        this.#wasConnected = false;
        // This output was published while the connection counted as connected. Like what is in the socket, its callers treat
        // it as failed, so it must not be sent later. What is held back has been promised to them.
        if (!this.#isCorked) this.outbound.reset();
        this.#policy.disconnected(error);
      }
      return super.disconnected(error);
    }

    override publish(subject: string, payload?: Uint8Array | string, options?: object): void {
      if (!this.connected && this.#kept.isFull(this.outbound.size())) return this.#kept.refuse();
      super.publish(subject, payload, options);
    }

    cork(): void {
      this.#isCorked = true;
    }

    uncork(): void {
      this.#isCorked = false;
      this.flushPending();
      this.#flushHeld();
    }

    takeKept(): Uint8Array[] {
      this.#kept.keep(this.outbound.drain());
      return this.#kept.release(new Uint8Array(), this.info?.max_payload);
    }

    sendKept(messages: readonly Uint8Array[]): void {
      for (const message of messages) this.outbound.fill(message);
      this.flushPending();
    }

    sendPast(write: () => void): Promise<void> {
      const held = this.outbound.drain();
      this.#isCorked = false;
      write();
      const confirmed = super.flush();
      this.#isCorked = true;
      this.outbound.fill(held);
      return confirmed;
    }

    override flush(pong?: Promise<void>): Promise<void> {
      if (!this.#isCorked) return super.flush(pong);
      // Its PING would wait in the output, and nats.js would take the next PONG for its answer.
      const flushed = new Promise<void>((resolve, reject) =>
        this.#flushes.push(() => void super.flush(pong).then(resolve, reject)),
      );
      return pong ?? flushed;
    }

    #flushHeld(): void {
      for (const flush of this.#flushes.splice(0)) flush();
    }

    override flushPending(): void {
      if (!this.#isCorked) super.flushPending();
    }

    /** Called when an established connection has reconnected. */
    override sendSubscriptions(): void {
      super.sendSubscriptions();
      const output = this.#kept.release(this.outbound.drain(), this.info?.max_payload);
      for (const message of output) this.outbound.fill(message);
      this.#tellDropped();
      this.#flushHeld();
    }

    override close(error?: Error): Promise<void> {
      return this.#close(() => super.close(error));
    }

    override _close(error?: Error): Promise<void> {
      return this.#close(() => super._close(error));
    }

    /** The error of nats.js quotes what it could not parse, which may repeat what the peer received. */
    #notNats(error: Error): NotNatsError {
      error.message = this.#policy.quote(error.message);
      error.stack = error.stack && this.#policy.quote(error.stack);
      return new NotNatsError(error);
    }

    #tellDropped(): void {
      const dropped = this.#kept.takeDropped();
      if (dropped > 0) this.#policy.outputDropped(dropped);
    }

    async #close(close: () => Promise<void>): Promise<void> {
      this.#policy.closing();
      if (!this.connected) this.#kept.drop(this.outbound.drain());
      this.#tellDropped();
      this.abortReconnect = true;
      this.transport ??= unopened;
      this.connectError?.(new ClosedError('The connection'));
      await close();
      discard(this.transport);
      this.#presented.fields = {};
    }
  };
}

/** Each dial of nats.js starts by creating errors in advance; capturing their stacks takes a tenth of the time of a connect. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  // `Reflect`, because the limit cannot be written to where Node runs with frozen intrinsics.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return work();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The placeholder transport of a handler that is closed before its first dial. */
export const unopened: TransportInternals = {
  connect: () => Promise.reject(new ClosedError('The connection')),
  closed: () => new Promise(() => {}),
  close: () => Promise.resolve(),
  discard: () => {},
  isEncrypted: () => false,
};

function infoOf(payload: Uint8Array): InfoInternals {
  return JSON.parse(textOf(payload)) as InfoInternals;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The text of a payload, without the quotes around an -ERR. */
function textOf(payload: Uint8Array): string {
  return decoder.decode(payload).trim().replace(/^'|'$/g, '');
}
