import { onTestFinished } from 'vitest';

import {
  type ConnectionOptions,
  createStableConnection,
  type NatsAuthEvents,
  rejectionSettings,
  type RotationOptions,
  rotationSettings,
  type StableConnection,
} from '../../libs/connection/index.js';
import {
  CredentialSource,
  type RefreshOptions,
  refreshSettings,
  type UserInfo,
  type UserInfoRequest,
} from '../../libs/credentials/index.js';
import { Emitter } from '../../libs/base/index.js';
import type { TestedDriver } from './drivers.js';

/** A nats.js connection as both drivers have it, with what the contract of a stable one is about. */
export interface TestedConnection {
  readonly info?: {
    readonly server_id: string;
    readonly client_id: number;
    readonly port: number;
    readonly max_payload: number;
  };
  readonly options: object;
  publish(subject: string, data?: Uint8Array | string, options?: { reply?: string; headers?: unknown }): void;
  subscribe(subject: string, options?: SubscribeOptions): TestedSubscription;
  request(
    subject: string,
    data?: Uint8Array | string,
    options?: { timeout: number; noMux?: boolean; headers?: unknown },
  ): Promise<TestedMessage>;
  requestMany(subject: string, data?: string, options?: object): Promise<AsyncIterable<TestedMessage>>;
  flush(): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<Error | undefined>;
  isClosed(): boolean;
  rtt(): Promise<number>;
  stats(): { inMsgs: number; outMsgs: number; inBytes: number; outBytes: number };
  status(): AsyncIterable<{ readonly type: string }>;
  getServer(): string;
  addCloseListener?(listener: { connectionClosedCallback(error?: Error): void }): void;
}

export interface SubscribeOptions {
  queue?: string;
  max?: number;
  timeout?: number;
  callback?: (error: Error | null, message: TestedMessage) => void;
}

export interface TestedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: { get(name: string): string };
  respond(data?: string): boolean;
  string(): string;
}

export interface TestedSubscription extends AsyncIterable<TestedMessage> {
  unsubscribe(max?: number): void;
  drain(): Promise<void>;
  isClosed(): boolean;
  getReceived(): number;
  readonly closed: Promise<unknown>;
}

export interface StablePeerOptions {
  readonly options: ConnectionOptions & Record<string, unknown>;
  /** What the provider does. Default: the user `app` with its password. */
  readonly provide?: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>;
  readonly rotation?: RotationOptions;
  readonly refresh?: RefreshOptions;
}

/** A stable connection under test. */
export class StablePeer {
  readonly emitter = new Emitter<NatsAuthEvents>();
  readonly failures: { subject: string; error: Error }[] = [];
  readonly source: CredentialSource;
  readonly stable: StableConnection<TestedConnection>;

  constructor({ driver }: TestedDriver, peer: StablePeerOptions) {
    const rejection = rejectionSettings({ initialDelay: 20 });
    const provide = peer.provide ?? (() => ({ user: 'app', pass: 'secret' }));
    this.source = new CredentialSource({
      connection: 'stable',
      provider: { getUserInfo: (request) => provide(request) },
      refresh: refreshSettings({ retry: { initialDelay: 20 }, ...peer.refresh }),
      rejection,
      events: this.emitter,
    });
    this.emitter.on('callbackFailed', (event) => this.failures.push(event));
    this.stable = createStableConnection<TestedConnection>({
      name: 'stable',
      role: 'client',
      driver,
      source: this.source,
      events: this.emitter,
      options: { reconnectTimeWait: 50, ...peer.options },
      rejection,
      rotation: rotationSettings({ timeout: 5_000, ...peer.rotation }),
    });
    onTestFinished(() => this.close());
  }

  get nc(): TestedConnection {
    return this.stable.nc;
  }

  async open(): Promise<TestedConnection> {
    await this.stable.rotating.open();
    return this.nc;
  }

  /** Moves to another connection. */
  async rotate(times = 1): Promise<void> {
    for (let n = 0; n < times; n++) await this.stable.rotating.rotate('manual');
  }

  async close(): Promise<void> {
    await this.stable.rotating.close();
    this.source.close();
  }
}
