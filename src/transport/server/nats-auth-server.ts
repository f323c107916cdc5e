import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import { Inject, Injectable } from '@nestjs/common';
import {
  type MessageHandler,
  type NatsContext,
  type NatsOptions,
  type OutgoingResponse,
  type ReadPacket,
  ServerNats,
} from '@nestjs/microservices';
import { finalize, type Observable, Subscription } from 'rxjs';

import {
  assertSubscribable,
  type RotatingConnection,
  SubscriptionRefusedError,
} from '../../../libs/connection/index.js';
import { asError, describeError, inOwnContext, OptionsInvalidError } from '../../../libs/base/index.js';
import { codeOf } from '../../logging/fields.js';
import { LogLine } from '../../logging/log-line.js';
import type { NatsConnection, NatsMessage } from '../../module/nats-connection.js';
import { assertRegistration, type Registration } from '../../module/registration.js';
import { REGISTRATION } from '../../module/tokens.js';
import { HandledMessage } from '../../tracing/handled-message.js';
import type { MessageHeaders } from '../../tracing/traced-operation.js';
import { CONNECTED, stockStatusLoop } from '../current-status.js';
import { quickDeserializer } from '../json/quick-deserializer.js';
import { quickSerializer } from '../json/quick-serializer.js';
import { assertHandled } from './handlers-options.js';
import { coveringStartHook, type EndHook, harmlessEndHook, type StartHook } from './processing-hooks.js';
import { errorPacket, type Log, refuse, replyWith } from './reply.js';
import { ServerSession } from './server-session.js';
import { isPlain, SingleValue } from './single-value.js';
import { type Respond, Work } from './work.js';

/**
 * NestJS's NATS transport strategy on a connection that presents user info from the registration's provider. Handlers,
 * serializers, queue groups, `status`, `on()` and `unwrap()` are the stock transport's.
 * @public
 */
@Injectable()
export class NatsAuthServer extends ServerNats {
  readonly #instance = `instance-${randomBytes(12).toString('base64url')}`;
  /** The routes of the subjects that have handlers. */
  readonly #routes = new Map<string, string>();
  readonly #log: Log = (error, what) => {
    // The message of a JSON parser quotes what it was given.
    const why = error instanceof SyntaxError ? error.name : describeError(error);
    const fields = { event: 'messageFailed', connection: this.registration.name, role: 'server' };
    this.logger.error(
      new LogLine('error', `${what}: ${why}`, { ...fields, error: why, code: codeOf(asError(error)) }),
    );
  };
  #connection?: RotatingConnection<NatsConnection, ServerSession>;
  /** The event whose handler is looked up next, if somebody follows it. */
  #watching?: HandledMessage;

  /** @internal Made by `NatsAuthModule`. */
  constructor(@Inject(REGISTRATION) private readonly registration: Registration) {
    super(assertRegistration(registration, new.target, 'NatsAuthServer').transport);
  }

  /**
   * Connects and binds the handlers; `listen()` calls it.
   * @throws {@link OptionsInvalidError} while it is listening already, and if the registration is that of a callout.
   * @throws {@link SubjectInvalidError} a handler's pattern, or its queue group, can be no subscription.
   * @throws {@link SubscriptionRefusedError} with `handlers.failStart`, when the server refuses a handler.
   */
  override createNatsClient(): Promise<NatsConnection> {
    return inOwnContext(() => this.#createNatsClient());
  }

  async #createNatsClient(): Promise<NatsConnection> {
    if (this.#connection) throw listensAlready(this.registration.name);
    this.registration.assertForMicroservice();
    // Before a connection is there: some handlers would be bound, and hear messages, when the next one is refused.
    for (const [pattern, { extras }] of this.messageHandlers)
      assertSubscribable(pattern, extras?.['queue'] as string | undefined);
    assertHandled(this.registration.handlers, this.messageHandlers);
    const answers = { prefix: this.registration.transport.inboxPrefix };
    const connection = this.registration.connect<ServerSession>('server', {
      createSession: (nc) =>
        new ServerSession(nc, {
          bind: (to) => this.bindEvents(to),
          instance: this.#instance,
          answers,
          failed: (error, message) => this.#failed(error, message),
          followed: (message, pattern, queue) => this.#followed(message, pattern, queue),
          teardownFailed: (error) => this.#log(error, 'The teardown of a stream of replies failed'),
        }),
      onCurrent: (nc) => this.#use(nc),
    });
    this.#connection = connection;
    try {
      const nc = await connection.open();
      const refused = connection.refusedSubscriptions;
      if (this.registration.handlers.failStart && refused.length > 0)
        throw new SubscriptionRefusedError(refused);
      return nc;
    } catch (error) {
      await connection.close();
      if (this.#connection === connection) this.#connection = undefined;
      throw error;
    }
  }

  override start(callback: () => void): void {
    // The handlers were bound when the connection was established, as they are on each that takes over.
    callback();
  }

  override bindEvents(connection: Pick<NatsConnection, 'subscribe'>): void {
    super.bindEvents(connection);
    // The session keeps the subscriptions; the stock list would keep those of every connection there ever was.
    (this as unknown as StockServer).subscriptions.length = 0;
  }

  /** @internal The stock one logs what went wrong or leaves it unhandled, depending on the release: here the session hears of it. */
  override getMessageHandler(channel: string): (error: unknown, message: NatsMessage) => unknown {
    return (error, message) =>
      // A subscription that was refused: our own log tells it.
      error
        ? void this.logger.debug?.(describeError(error))
        : (this.handleMessage(channel, message) as Promise<unknown>);
  }

  /** @internal */
  override async handleEvent(pattern: string, packet: ReadPacket, context: NatsContext): Promise<unknown> {
    try {
      this.#watching = HandledMessage.current;
      return await super.handleEvent(pattern, packet, context);
    } catch (error) {
      HandledMessage.current?.failed(error);
      this.#log(error, `The handler of an event to ${inspect(context.getSubject())} failed`);
      return undefined;
    }
  }

  /** @internal */
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    const handler = super.getHandlerByPattern(pattern);
    const watching = this.#watching;
    this.#watching = undefined;
    return handler && watching ? (watching.watching(handler) as MessageHandler) : handler;
  }

  /** @internal The first releases of NestJS 11 give no `context`. */
  override getPublisher(message: NatsMessage, id: string, context?: NatsContext): Respond {
    const publish = super.getPublisher(message, id, context as NatsContext) as Respond;
    const work = Work.on(message);
    return work ? replyWith(publish, work, message, this.#log) : publish;
  }

  /** @internal */
  override setOnProcessingStartHook(hook: StartHook): void {
    super.setOnProcessingStartHook(coveringStartHook(hook, this.#log));
  }

  /** @internal */
  override setOnProcessingEndHook(hook: EndHook): void {
    super.setOnProcessingEndHook(harmlessEndHook(hook, this.#log));
  }

  /** @internal */
  override transformToObservable(result: unknown): never {
    const stream = isPlain(result) ? new SingleValue(result) : super.transformToObservable(result);
    return stream as never;
  }

  /** @internal From NestJS 12.1 on. As the stock one, but for a value that needs no operator to tell when it has been given. */
  override handleRequest(
    context: NatsContext,
    produce: () => Promise<Observable<unknown>>,
    respond: Respond,
  ): void {
    // A promise, by its type or not: the stock `handleMessage()` hands it on.
    return this.runWithProcessingHooks(context, async (runEndHook) => {
      const stream = await produce();
      if (stream instanceof SingleValue) runEndHook();
      this.send(stream instanceof SingleValue ? stream : stream.pipe(finalize(runEndHook)), respond);
    });
  }

  /** @internal */
  override send(stream: Observable<unknown>, respond: Respond): Subscription {
    const work = Work.on(respond);
    if (work && stream instanceof SingleValue) return this.#sendValue(stream, respond, work);
    const subscription = super.send(stream, respond);
    work?.repliesFrom(subscription);
    return subscription;
  }

  /** What comes of the stock operators, queue and subscriber for one value: a packet, after the ticks that were asked for before. */
  #sendValue({ value }: SingleValue<unknown>, respond: Respond, work: Work): Subscription {
    work.repliesFrom(Subscription.EMPTY);
    process.nextTick(respond, { response: value, isDisposed: true });
    return Subscription.EMPTY;
  }

  // The stock server parses a handler's subject as JSON for each message, and most subjects are none: an exception for each
  // message was a quarter of the CPU time of a service that answers small requests.
  protected override getRouteFromPattern(pattern: string): string {
    const known = this.#routes.get(pattern);
    if (known !== undefined) return known;
    const route = super.getRouteFromPattern(pattern);
    if (this.messageHandlers.has(pattern)) this.#routes.set(pattern, route);
    return route;
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
    // The stock `listen()` calls this in the async context of its caller.
    const loop = stockStatusLoop(this, client, {
      current: () => (this as unknown as StockServer).natsClient,
      tellsRefusalOf: (subject) => this.messageHandlers.has(subject),
    });
    return inOwnContext(() => super.handleStatusUpdates.call(loop.owner, loop.client));
  }

  /**
   * With `gracefulShutdown`, takes no new messages and lets the handlers that are running answer, for at most
   * `gracePeriod`; then closes. A connect that is under way is given up.
   */
  override close(): Promise<void> {
    return inOwnContext(() => this.#close());
  }

  async #close(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.registration.connections.release('server');
    const { transport, gracePeriod } = this.registration;
    if (transport.gracefulShutdown) await connection.drain(gracePeriod);
    await connection.close();
    // After a concurrent close() the application may be listening again.
    if (this.#connection && this.#connection !== connection) return;
    this.#connection = undefined;
    this.statusEventEmitter.removeAllListeners();
    (this as unknown as StockServer).natsClient = null;
  }

  /** @internal Not the options: there may be a TLS key among them. */
  toJSON(): object {
    return { name: this.registration.name, state: this.#connection?.state ?? 'idle' };
  }

  /** @internal */
  [inspect.custom](): string {
    return `NatsAuthServer('${this.registration.name}', ${this.#connection?.state ?? 'idle'})`;
  }

  #followed(message: NatsMessage, pattern: string, queue?: string): HandledMessage | undefined {
    const { tracing } = this.registration;
    if (!tracing.followsHandling) return undefined;
    const { subject, reply, headers, data } = message;
    // `$…` is where a JetStream server waits for an acknowledgement, not for a reply.
    const type = reply && !reply.startsWith('$') ? 'request' : 'event';
    const came = {
      headers: headers as unknown as MessageHeaders | undefined,
      bytes: data?.length ?? 0,
      server: this.#connection?.server,
    };
    return inOwnContext(() => tracing.handles({ type, subject, pattern, ...(queue && { queue }), ...came }));
  }

  /** Handles what a request threw past its exception filters, and messages that cannot be read. */
  #failed(error: unknown, message: NatsMessage): void {
    const { subject } = message;
    const work = Work.on(message);
    if (work?.respond) {
      this.#log(error, `The handler of a request to ${inspect(subject)} failed`);
      work.respond(errorPacket('Internal server error'));
      return;
    }
    this.#log(error, `A message to ${inspect(subject)} could not be read`);
    refuse(message, (packet) => this.serializer.serialize(packet as OutgoingResponse));
  }

  #use(nc: NatsConnection): void {
    const stock = this as unknown as StockServer;
    const first = !stock.natsClient;
    stock.natsClient = nc;
    // The stock `listen()` emits the status of the first connection and follows its updates itself.
    if (first) return;
    // Emitted once for each connection: the last status of the previous one may have been "disconnected".
    this._status$.next(CONNECTED);
    void this.handleStatusUpdates(nc);
  }
}

/** Nothing would close a second connection. */
function listensAlready(name: string): OptionsInvalidError {
  return new OptionsInvalidError(
    'name',
    `registration '${name}' serves a microservice already: give the second one a registration of its own, with` +
      ' NatsAuthModule.forRoot*({ name }) and natsAuthTransport(name), or close the first one before.',
  );
}

/** What `ServerNats` keeps private to the compiler. */
interface StockServer {
  natsClient: NatsConnection | null;
  subscriptions: unknown[];
}
