import { onTestFinished } from 'vitest';

import { type Clock, Emitter } from '../../../libs/base/index.js';
import {
  type Admission,
  type AuthorizeContext,
  Callout,
  CALLOUT_SUBJECT,
  type CalloutEvents,
  type CalloutOptions,
  type CalloutRequest,
  type CalloutSettings,
  calloutSettings,
} from '../../../libs/callout/index.js';
import { eventually, type NatsServer } from '../../../libs/testing/index.js';
import { CALLOUT_EVENT_NAMES } from '../../support/event-names.js';
import type { Connection, Message } from './clients.js';
import type { Lane } from './lanes.js';

export type Authorize = (
  request: CalloutRequest,
  context: AuthorizeContext,
) => Admission | Promise<Admission>;

export interface CalloutStart {
  readonly lane: Lane;
  readonly server: { readonly url: string };
  readonly options: CalloutOptions;
  /** How the callout itself connects. */
  readonly credentials: object;
  readonly authorize: Authorize;
  readonly clock?: Clock;
  /** How often each answer is sent. Default: 1. */
  readonly answers?: number;
}

type Told<K extends keyof CalloutEvents> = CalloutEvents[K];

/** A callout on a plain connection of a driver, with all that it is asked and tells. */
export class RunningCallout {
  readonly told: { readonly name: keyof CalloutEvents; readonly event: unknown }[] = [];
  /** What the authorizer was asked, as it was then: a request forgets its secrets. */
  readonly asked: Asked[] = [];
  /** The messages of the subject, as they came. */
  readonly messages: Message[] = [];
  #subscription?: { drain(): Promise<void> };

  private constructor(
    readonly callout: Callout,
    readonly connection: Connection,
    readonly events: Emitter<CalloutEvents>,
    readonly settings: CalloutSettings,
    private readonly answers: number,
  ) {}

  static async start(start: CalloutStart): Promise<RunningCallout> {
    const settings = await calloutSettings(start.options);
    const events = new Emitter<CalloutEvents>();
    const asked: Asked[] = [];
    const callout = new Callout({
      connection: 'callout',
      settings,
      events,
      authorizer: {
        authorize: (request, context) => {
          asked.push(copyOf(request));
          return start.authorize(request, context);
        },
      },
      ...(start.clock ? { clock: start.clock } : {}),
    });
    const connection = (await start.lane.driver.plainConnect({
      servers: start.server.url,
      name: 'callout',
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      ...start.credentials,
    })) as unknown as Connection;
    const running = new RunningCallout(callout, connection, events, settings, start.answers ?? 1);
    running.#hear(asked);
    running.#listen(settings.queue);
    onTestFinished(() => running.crash());
    await connection.flush();
    return running;
  }

  /** The events of one name, oldest first. */
  all<K extends keyof CalloutEvents>(name: K): Told<K>[] {
    return this.told.filter((entry) => entry.name === name).map((entry) => entry.event as Told<K>);
  }

  /** Waits for so many events of a name, and gives the last of them. */
  async until<K extends keyof CalloutEvents>(name: K, times = 1): Promise<Told<K>> {
    await eventually(() => this.all(name).length >= times, {
      what: `${times} × ${name}`,
      timeoutMs: 6_000,
    }).catch((error: unknown) => {
      throw new Error(`Told: ${JSON.stringify(this.told)}`, { cause: error });
    });
    return this.all(name).at(-1) as Told<K>;
  }

  /** Takes what comes on another subject for requests as well: servers let no client publish theirs. */
  async hearAlso(subject: string): Promise<void> {
    this.connection.subscribe(subject, { callback: (_error, message) => this.#take(message) });
    await this.connection.flush();
  }

  /** Ends it as the module does: no more requests, then those under way, then the connection. */
  async stop(gracePeriod = 5_000): Promise<void> {
    // What is on its way to a subscription that is merely ended would be lost.
    await this.#subscription?.drain();
    await this.callout.finish(gracePeriod);
    await this.connection.flush();
    await this.connection.close();
  }

  /** Ends its connection as the end of its process would. */
  async crash(): Promise<void> {
    await this.connection.close();
  }

  #hear(asked: Asked[]): void {
    Object.assign(this, { asked });
    for (const name of CALLOUT_EVENT_NAMES)
      this.events.on(name, (event) => void this.told.push({ name, event }));
  }

  #listen(queue: string): void {
    this.#subscription = this.connection.subscribe(CALLOUT_SUBJECT, {
      queue,
      callback: (error, message) => {
        if (error) return;
        this.messages.push(message);
        this.#take(message);
      },
    });
  }

  #take(message: Message): void {
    const serverXkey = message.headers?.get('Nats-Server-Xkey');
    void this.callout.receive({
      data: message.data,
      ...(message.reply ? { reply: message.reply } : {}),
      ...(serverXkey ? { serverXkey } : {}),
      respond: (answer) => {
        for (let time = 0; time < this.answers; time++) message.respond(answer);
      },
    });
  }
}

function copyOf({ credentials, client, server, tls, userNkey }: CalloutRequest) {
  const { token, user, pass, jwt, nkey } = credentials;
  return {
    credentials: {
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user }),
      ...(pass === undefined ? {} : { pass }),
      ...(jwt && { jwt: { token: jwt.token, subject: jwt.subject, proven: jwt.proven } }),
      ...(nkey && { nkey: { publicKey: nkey.publicKey, proven: nkey.proven } }),
    },
    ...{ client, server, tls, userNkey },
  };
}
type Asked = ReturnType<typeof copyOf>;

export type { NatsServer };
