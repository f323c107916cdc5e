import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createAccount, createUser, fromSeed } from '@nats-io/nkeys';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import type { UserInfo } from 'nestjs-nats-auth';
import {
  type Admission,
  type CalloutEvents,
  type CalloutOptions,
  type CalloutRequest,
  NatsAuthCalloutModule,
  NatsAuthCalloutService,
} from 'nestjs-nats-auth/callout';
import { eventually } from 'nestjs-nats-auth/testing';
import { onTestFinished } from 'vitest';

import { CALLOUT_EVENT_NAMES } from '../../support/event-names.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What servers and callouts agree on in configuration mode, with a user of the system account beside that of the callout. */
export class Agreed {
  readonly #issuer = createAccount();

  get issuer(): string {
    return this.#issuer.getPublicKey();
  }

  get seed(): string {
    return text(this.#issuer.getSeed());
  }

  /** @param callout permissions of the callout's user, as the server's configuration has them. */
  config({ callout = '', issuer = this.issuer }: { callout?: string; issuer?: string } = {}): string {
    return `
      accounts {
        AUTH { users: [ { user: callout, password: secret${callout} } ] }
        APP {}
        SYS { users: [ { user: admin, password: secret } ] }
      }
      system_account: SYS
      authorization {
        timeout: 5
        auth_callout { issuer: ${issuer}, auth_users: [ callout, admin ], account: AUTH }
      }
    `;
  }
}

export interface CalloutAppOptions {
  readonly servers: string | string[];
  readonly agreed: Agreed;
  readonly callout?: Partial<CalloutOptions>;
  /** Whether it has a user of the system account. Default: true. */
  readonly system?: boolean;
  readonly metrics?: Parameters<typeof NatsAuthCalloutModule.forRoot>[0]['metrics'];
  readonly authorize?: (request: CalloutRequest) => Admission | Promise<Admission>;
}

/** Admits everybody by user name, or by NKey as `device`. */
const byName = ({ credentials: { user } }: CalloutRequest): Admission => ({
  name: user ?? 'device',
  account: 'APP',
});

/** An application that is a callout; it ends with the test. */
export class CalloutApp {
  readonly told: {
    [K in keyof CalloutEvents]: { readonly name: K; readonly event: CalloutEvents[K] };
  }[keyof CalloutEvents][] = [];

  private constructor(readonly app: INestApplicationContext) {}

  static async start(options: CalloutAppOptions): Promise<CalloutApp> {
    const { servers, agreed, callout, system = true, authorize = byName, metrics = false } = options;
    const as = (user: string) => ({ useValue: { getUserInfo: (): UserInfo => ({ user, pass: 'secret' }) } });

    @Module({
      imports: [
        NatsAuthCalloutModule.forRoot({
          connection: { servers, reconnectTimeWait: 50, reconnectJitter: 0 },
          metrics,
          callout: { issuer: agreed.seed, accounts: ['APP'], ...callout },
          userInfoProvider: as('callout'),
          authorizer: { useValue: { authorize } },
          ...(system ? { system: { userInfoProvider: as('admin') } } : {}),
        }),
      ],
    })
    class App {}

    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    const running = new CalloutApp(app);
    for (const name of CALLOUT_EVENT_NAMES)
      running.service.on(name, (event) => void running.told.push({ name, event } as never));
    return running;
  }

  get service(): NatsAuthCalloutService {
    return this.app.get(NatsAuthCalloutService);
  }

  /** The events of one name, oldest first. */
  all<K extends keyof CalloutEvents>(name: K): CalloutEvents[K][] {
    return this.told.flatMap((one) => (one.name === name ? [one.event as CalloutEvents[K]] : []));
  }

  /** Waits for so many events of a name. */
  async until<K extends keyof CalloutEvents>(name: K, times = 1): Promise<CalloutEvents[K][]> {
    return eventually(() => (this.all(name).length >= times ? this.all(name) : undefined), {
      what: `${times} × ${name}`,
    });
  }
}

/** A client that does not come back by itself; it ends with the test. */
export async function client(url: string, options: ConnectionOptions): Promise<NatsConnection> {
  const connection = await connect({ servers: url, reconnect: false, timeout: 10_000, ...options });
  onTestFinished(() => connection.close());
  return connection;
}

/** Whether a client comes in. */
export function comesIn(url: string, options: ConnectionOptions): Promise<boolean> {
  return client(url, options).then(
    (connection) => connection.close().then(() => true),
    () => false,
  );
}

/** How a client with an NKey connects, and its public key. */
export function withNkey(): { readonly publicKey: string; readonly options: ConnectionOptions } {
  const pair = createUser();
  const seed = pair.getSeed();
  const publicKey = pair.getPublicKey();
  const sign = (nonce = '') => fromSeed(seed).sign(new TextEncoder().encode(nonce));
  return {
    publicKey,
    options: {
      authenticator: (nonce?: string) => ({
        nkey: publicKey,
        sig: Buffer.from(sign(nonce)).toString('base64url'),
      }),
    },
  };
}
