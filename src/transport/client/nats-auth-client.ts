import { inspect } from 'node:util';

import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  ClientNats,
  type NatsOptions,
  type NatsStatus,
  type PacketId,
  type ReadPacket,
  type WritePacket,
} from '@nestjs/microservices';
import { connectable, defer, Observable, type ReplaySubject, Subject, type Subscription } from 'rxjs';

import type { RotatingConnection } from '../../../libs/connection/index.js';
import {
  asError,
  ClosedError,
  inCallersContext,
  inOwnContext,
  systemClock,
} from '../../../libs/base/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';
import { assertRegistration, type Registration } from '../../module/registration.js';
import { REGISTRATION } from '../../module/tokens.js';
import { SentMessage } from '../../tracing/sent-message.js';
import { CONNECTED, stockStatusLoop } from '../current-status.js';
import { QuickDeserializer, quickDeserializer } from '../json/quick-deserializer.js';
import { quickSerializer } from '../json/quick-serializer.js';
import { readyForCalls } from './arrival.js';
import { ClientSession } from './client-session.js';
import { ConnectionGate } from './connection-gate.js';
import { createInbox, randomToken, type ReplyHandler } from './inbox/index.js';
import { replyHandler } from './reply-handler.js';
import { ResponderRetry } from './responder-retry.js';

/** A first connect that takes longer is taken for the end of an outage: services may be starting beside this one. In ms. */
const SLOW_FIRST_CONNECT_MS = 1_000;

/**
 * NestJS's NATS client proxy on a connection that presents user info from the registration's provider. `send()` and
 * `emit()` never hand a message to a connection that is down; `emit()` completes when the server has the event.
 * @public
 */
@Injectable()
export class NatsAuthClient extends ClientNats implements OnApplicationShutdown {
  // The client can be given to whatever takes a `ClientProxy`, whose status may be any text.
  declare protected _status$: ReplaySubject<NatsStatus> & ReplaySubject<string>;
  readonly #gate: ConnectionGate;
  readonly #retry: ResponderRetry;
  #connection?: RotatingConnection<NatsConnection, ClientSession>;
  #opening?: Promise<NatsConnection>;
  /** When the first connect began, in ms of `performance.now()`. */
  #openingSince = 0;
  /** The current connection, while calls go out on it. */
  #ready?: Promise<NatsConnection>;
  /** A request was sent; what only emits needs no inbox. */
  #wantsReplies = false;
  /** Ends the wait between a connect and the first calls. */
  #arrival?: AbortController;

  /** @internal Made by `NatsAuthModule`. */
  constructor(@Inject(REGISTRATION) private readonly registration: Registration) {
    super(assertRegistration(registration, new.target, 'NatsAuthClient').transport);
    const { client, name } = registration;
    this.#gate = new ConnectionGate(client, name);
    this.#retry = new ResponderRetry(client.awaitResponders, systemClock, Math.random);
  }

  /**
   * Connects, or waits until the connection is there again. Calls that overlap share one connection.
   * @throws {@link DisconnectedError} as `client.whileDisconnected` and `client.maxWaiting` say.
   */
  override connect(): Promise<NatsConnection> {
    return this.#connected();
  }

  /** Sends a request for each subscription, when the connection is there. */
  // As the stock client does, with one observable for its four: they take a fifth of the CPU time of a request.
  // The types are the stock client's: an application goes on compiling.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters
  override send<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    // Without a pattern or data it is an error, in the stock client's words.
    if (isNil(pattern) || isNil(data)) return super.send<TResult, TInput>(pattern, data);
    return new Observable<TResult>((observer) => {
      const sent = this.#traced('request', pattern);
      const failed = (error: unknown) => {
        sent?.failed(error);
        observer.error(error);
      };
      const publish = () => {
        if (observer.closed) return;
        try {
          const heard = this.createObserver(observer);
          const packet = this.#packet(pattern, data, sent);
          observer.add(this.publish(packet, sent ? sent.hearing(heard) : heard));
        } catch (error) {
          failed(error);
        }
      };
      if (sent) observer.add(() => sent.left());
      this.#connected(observer).then(publish, failed);
    });
  }

  /** Sends an event at once, or when the connection is there; completes when the server has it. */
  // As in `send()`.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters
  override emit<TResult = any, TInput = any>(pattern: any, data: TInput): Observable<TResult> {
    if (isNil(pattern) || isNil(data)) return super.emit<TResult, TInput>(pattern, data);
    const sent = this.#traced('event', pattern);
    const event = connectable(
      defer(() => this.#emit<TResult>(pattern, data, sent)),
      { connector: () => new Subject(), resetOnDisconnect: false },
    );
    event.connect();
    return event;
  }

  async #emit<TResult>(pattern: unknown, data: unknown, sent: SentMessage | undefined): Promise<TResult> {
    try {
      await this.connect();
      const given = await this.dispatchEvent<TResult>(this.#packet(pattern, data, sent));
      sent?.confirmed();
      return given;
    } catch (error) {
      sent?.failed(error);
      throw error;
    }
  }

  #packet(pattern: unknown, data: unknown, sent: SentMessage | undefined): ReadPacket {
    const packet = HAS_DISPATCH_HOOK ? this.createPacket(pattern, data) : { pattern, data };
    return sent ? sent.in(packet) : packet;
  }

  /** A call that somebody follows. */
  #traced(type: 'request' | 'event', pattern: unknown): SentMessage | undefined {
    return this.registration.tracing.sends(type, () => this.normalizePattern(pattern as string));
  }

  override createClient(): Promise<NatsConnection> {
    // The caller is the first of many that share the connection.
    return inOwnContext(() => this.#createClient());
  }

  async #createClient(): Promise<NatsConnection> {
    const { client, transport } = this.registration;
    const connection = this.registration.connect<ClientSession>('client', {
      createSession: (nc) =>
        new ClientSession(nc, createInbox(client.inbox, nc, transport.inboxPrefix), {
          replyAfterLoss: client.replyAfterLoss,
          inboxPrefix: transport.inboxPrefix,
          wantsReplies: () => this.#wantsReplies,
          onLost: () => nc === this.natsClient && this.#lost(),
          onUnanswered: () => connection.doubt(),
          onServes: () => nc === this.natsClient && this.#arrives(nc, true),
        }),
      onCurrent: (nc) => this.#use(nc),
    });
    this.#connection = connection;
    try {
      // NestJS 12 has serializers that want to be initialized; the stock client does it at this place.
      for (const part of [this.serializer, this.deserializer] as { init?: () => unknown }[])
        await part.init?.();
      return await connection.open();
    } catch (error) {
      if (this.#connection === connection) this.#connection = undefined;
      throw error;
    }
  }

  /** Closes the connection; a connect under way is given up, and everything that waits fails. */
  override close(): Promise<void> {
    return inOwnContext(() => this.#close());
  }

  async #close(): Promise<void> {
    const connection = this.#connection;
    const nc: unknown = this.natsClient;
    this.#connection = this.#opening = undefined;
    this.#lost();
    this.registration.connections.release('client');
    const error = this.#closedError();
    this.#gate.close(error);
    this.#retry.close(error);
    connection?.session?.close(error);
    await connection?.close();
    this.statusEventEmitter.removeAllListeners();
    // A call made meanwhile may have opened another connection.
    if (this.natsClient === nc) this.natsClient = null;
  }

  /** Closes the client, as `close()` does. */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  /** @internal As random as the stock client's, of text that is drawn for many requests at once. */
  protected override assignPacketId(packet: ReadPacket): ReadPacket & PacketId {
    return Object.assign(packet, { id: randomToken() });
  }

  /** @internal */
  protected override initializeSerializer(options: NatsOptions['options']): void {
    super.initializeSerializer(options);
    if (!options?.serializer) this.serializer = quickSerializer(this.serializer);
  }

  /** @internal */
  protected override initializeDeserializer(options: NatsOptions['options']): void {
    super.initializeDeserializer(options);
    if (!options?.deserializer) this.deserializer = quickDeserializer(this.deserializer);
  }

  override handleStatusUpdates(client: NatsConnection): Promise<void> {
    const loop = stockStatusLoop(this, client, { current: () => this.natsClient });
    return inOwnContext(() => super.handleStatusUpdates.call(loop.owner, loop.client));
  }

  /** @internal Not the options: there may be a TLS key among them. */
  toJSON(): object {
    return { name: this.registration.name, state: this.#connection?.state ?? 'idle' };
  }

  /** @internal */
  [inspect.custom](): string {
    return `NatsAuthClient('${this.registration.name}', ${this.#connection?.state ?? 'idle'})`;
  }

  protected override publish(
    partialPacket: ReadPacket,
    callback: (packet: WritePacket) => unknown,
  ): () => void {
    this.#wantsReplies = true;
    try {
      const packet = this.assignPacketId(partialPacket);
      const subject = this.normalizePattern(partialPacket.pattern as string);
      const sent = SentMessage.of(partialPacket);
      const outgoing = this.#outgoing(this.#serialized(packet, sent) as Serialized, sent);
      // Replies come in on a connection that belongs to no request, and are the caller's.
      const onReply = inCallersContext(this.#replyHandler(packet, callback));
      if (this.#retry.active) return this.#retried(subject, outgoing, sent, onReply);
      return this.#session().request(subject, outgoing.data, outgoing.headers, onReply);
    } catch (err) {
      callback({ err });
      return () => {};
    }
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const subject = this.normalizePattern(packet.pattern as string);
    const sent = SentMessage.of(packet);
    const serialized = (await this.#serialized(packet, sent)) as Serialized;
    const { data, headers } = this.#outgoing(serialized, sent);
    await this.#session().emit(subject, data, headers);
    return undefined as T;
  }

  #serialized(packet: ReadPacket, sent: SentMessage | undefined): unknown {
    if (!sent) return this.serializer.serialize(packet);
    return sent.run((): unknown => this.serializer.serialize(packet));
  }

  /** Sends a request as often as it takes for somebody to be there. */
  #retried(
    subject: string,
    { data, headers }: Outgoing,
    sent: SentMessage | undefined,
    onReply: ReplyHandler,
  ): () => void {
    const send = (to: ReplyHandler) => this.#session().request(subject, data, headers, to);
    const again = (caller: Subscription) => {
      sent?.sentAgain();
      return this.#connected(caller);
    };
    return this.#retry.request({ send, again }, onReply);
  }

  #replyHandler(packet: ReadPacket & { id: string }, tell: (packet: WritePacket) => unknown): ReplyHandler {
    const deserializer: unknown = this.deserializer;
    const isStock = this.createSubscriptionHandler === ClientNats.prototype.createSubscriptionHandler;
    if (!isStock || !(deserializer instanceof QuickDeserializer))
      return this.createSubscriptionHandler(packet, tell) as ReplyHandler;
    const { id } = packet;
    const pattern: unknown = packet.pattern;
    const stock = () =>
      this.createSubscriptionHandler({ id, pattern, data: undefined }, tell) as ReplyHandler;
    return replyHandler(id, deserializer, tell, stock);
  }

  /** @param caller waits no longer than it lives. */
  #connected(caller?: Subscription): Promise<NatsConnection> {
    // Each request comes by here, nearly always on a connection that is there.
    return this.#connection?.state === 'connected' && this.#ready ? this.#ready : this.#awaited(caller);
  }

  async #awaited(caller?: Subscription): Promise<NatsConnection> {
    this.#open();
    while (!this.#ready || this.#connection?.state !== 'connected') {
      const down = this.natsClient && this.#connection?.state !== 'connected';
      await this.#gate.pass(down ? 'down' : 'opening', caller);
      // Closed right after it opened.
      if (!this.#opening) throw this.#closedError();
    }
    return this.#ready;
  }

  /** Begins the first connect; those that wait for it are at the gate, where they can give up. */
  #open(): void {
    if (this.#opening) return;
    this.#openingSince = performance.now();
    const opening = (this.#opening = this.createClient());
    opening.catch((error: unknown) => {
      if (this.#opening !== opening) return;
      // The next call tries anew.
      this.#opening = undefined;
      this.#gate.close(asError(error));
    });
  }

  #use(nc: NatsConnection): void {
    const first = !this.natsClient;
    this.natsClient = nc;
    const slow = performance.now() - this.#openingSince > SLOW_FIRST_CONNECT_MS;
    // One that took over from a connection that was there interrupts nothing.
    if (this.#ready) this.#ready = Promise.resolve(nc);
    else this.#arrives(nc, !first || slow);
    // Emitted once for each connection: the last status of the previous one may have been "disconnected".
    this._status$.next(CONNECTED);
    void this.handleStatusUpdates(nc);
  }

  /** Lets calls go, after an outage once those who answer them had a moment to come back as well. */
  #arrives(nc: NatsConnection, afterOutage: boolean): void {
    this.#arrival?.abort();
    const { signal } = (this.#arrival = new AbortController());
    const ready = () => {
      if (signal.aborted) return;
      this.#ready = Promise.resolve(nc);
      if (afterOutage) this.#retry.begin();
      this.#gate.open();
    };
    const { client, connections } = this.registration;
    const arrival = {
      ownHandlers: connections.get('server')?.settled(),
      releaseDelay: afterOutage ? client.releaseDelay : 0,
      clock: systemClock,
      random: Math.random,
    };
    const waiting = readyForCalls(arrival, signal);
    if (waiting) waiting.then(ready, () => {});
    else ready();
  }

  #lost(): void {
    this.#ready = undefined;
    this.#arrival?.abort();
  }

  #session(): ClientSession {
    const session = this.#connection?.session;
    if (!session) throw this.#closedError();
    return session;
  }

  #closedError(): ClosedError {
    return new ClosedError(`The client connection '${this.registration.name}'`);
  }

  #outgoing(serialized: Serialized, sent: SentMessage | undefined): Outgoing {
    const { headers } = serialized;
    // nats.js would encode it, too, with a `TextEncoder`: that takes three times as long for a short text.
    const data = typeof serialized.data === 'string' ? Buffer.from(serialized.data) : serialized.data;
    sent?.goesOut(data.length, this.#connection?.server);
    return { data, headers: this.mergeHeaders(sent ? sent.headers(headers) : headers) as unknown };
  }
}

/** NestJS 12 lets a hook see each packet; 11 knows of none. */
const HAS_DISPATCH_HOOK = 'createPacket' in ClientNats.prototype;

function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** What serializers of the NATS transport return. */
interface Serialized {
  readonly data: Uint8Array | string;
  readonly headers?: unknown;
}

interface Outgoing {
  readonly data: Uint8Array;
  readonly headers: unknown;
}
