import { onTestFinished } from 'vitest';

import {
  AuthConnection,
  type ConnectionOptions,
  type NatsAuthEvents,
  type RejectionOptions,
  rejectionSettings,
  type Sentinel,
} from '../../libs/connection/index.js';
import {
  CredentialSource,
  type RefreshOptions,
  refreshSettings,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';
import { lastServed } from '../../libs/connection/link.js';
import { eventually } from '../../libs/testing/index.js';
import type { PlainConnection, TestedDriver } from './drivers.js';

export interface PeerOptions {
  /** What the provider does; also told about each call. */
  provide: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>;
  options: ConnectionOptions & Record<string, unknown>;
  refresh?: RefreshOptions;
  rejection?: RejectionOptions;
  sentinel?: Sentinel;
  /** Numbers from 0 to 1 for what the connection leaves to chance. Default: `Math.random`. */
  random?: () => number;
}

type EventName = keyof NatsAuthEvents;

/** One connection under test, with everything that its source and itself told. */
export class Peer {
  readonly events: { name: EventName; event: NatsAuthEvents[EventName] }[] = [];
  readonly requests: UserInfoRequest[] = [];
  readonly source: CredentialSource;
  readonly connection: AuthConnection;
  readonly emitter: Emitter<NatsAuthEvents>;

  /** @param shared the source and events of another connection of the same registration. */
  constructor(
    tested: TestedDriver,
    private readonly options: PeerOptions,
    shared?: Peer,
  ) {
    const rejection = rejectionSettings({ initialDelay: 20, ...options.rejection });
    const provider: UserInfoProvider = {
      getUserInfo: (request) => {
        this.requests.push(request);
        return options.provide(request);
      },
    };
    const refresh = refreshSettings({
      timeout: 2_000,
      ...options.refresh,
      retry: { initialDelay: 20, ...options.refresh?.retry },
    });
    this.emitter = shared?.emitter ?? new Emitter();
    this.source =
      shared?.source ??
      new CredentialSource({ connection: 'peer', provider, refresh, rejection, events: this.emitter });
    for (const name of EVENT_NAMES) this.emitter.on(name, (event) => this.events.push({ name, event }));
    this.connection = new AuthConnection({
      name: 'peer',
      role: 'client',
      driver: tested.driver,
      source: this.source,
      events: this.emitter,
      options: { reconnectTimeWait: 100, ...options.options },
      rejection,
      sentinel: options.sentinel,
      random: options.random,
    });
    this.source.onNewer(
      (userInfo, cause) => void this.connection.reconnect(cause, userInfo, () => Promise.resolve()),
    );
    onTestFinished(() => this.close());
  }

  /** Another connection of the same registration. */
  sibling(tested: TestedDriver): Peer {
    return new Peer(tested, this.options, this);
  }

  open(): Promise<PlainConnection> {
    return this.connection.open<PlainConnection>();
  }

  async close(): Promise<void> {
    await this.connection.close();
    this.source.close();
  }

  /** `host:port` of the server it is, or was last, connected to. */
  get server(): string | undefined {
    return lastServed(this.connection.link)?.server;
  }

  /** The events of one name, oldest first. */
  all<K extends EventName>(name: K): NatsAuthEvents[K][] {
    return this.events
      .filter((entry) => entry.name === name)
      .map((entry) => entry.event as NatsAuthEvents[K]);
  }

  /** Waits until an event has been told `times` times. */
  async until(name: EventName, times: number): Promise<void> {
    await eventually(() => this.all(name).length >= times, {
      what: `${times} × ${name} (had ${this.events.map((entry) => entry.name).join(', ')})`,
      timeoutMs: 20_000,
    });
  }
}

const EVENT_NAMES = [
  'connected',
  'disconnected',
  'rejected',
  'connectFailed',
  'outputDropped',
  'closed',
  'refreshed',
  'refreshFailed',
  'reused',
  'refreshScheduled',
] as const;

/** Proves that a connection carries messages in both directions. */
export async function roundTrip(nc: PlainConnection, subject = 'round.trip', timeout = 5_000): Promise<void> {
  const echo = nc.subscribe(subject, { callback: (_error, message) => void message.respond('pong') });
  const reply = await nc.request(subject, 'ping', { timeout });
  echo.unsubscribe();
  if (reply.string() !== 'pong') throw new Error(`Expected 'pong', got '${reply.string()}'.`);
}
