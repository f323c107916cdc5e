import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import {
  getNatsAuthClientToken,
  getNatsAuthServiceToken,
  type MetricsOptions,
  type NatsAuthClient,
  NatsAuthModule,
  type NatsAuthOptions,
  type NatsAuthService,
  type ReplaceTrigger,
  type Role,
  type UserInfo,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import { eventually, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';

import type { Ledger } from './ledger.js';

/** One registration of the service under test, with a provider that does what its scenario says. */
export class Actor {
  readonly provider: ScriptedUserInfoProvider;
  /** How often each role has connected. */
  readonly connects: Record<Role, number> = { server: 0, client: 0, connection: 0 };
  /** How often newer user info took the place of older, by trigger. */
  readonly replacements: Record<string, number> = {};
  /** What the provider itself measured of its calls, in s. */
  ownSeconds = 0;
  #app?: INestMicroservice;

  constructor(
    readonly name: string,
    private readonly ledger: Ledger,
    first: UserInfo,
    private readonly options: NatsAuthOptions,
  ) {
    this.provider = new ScriptedUserInfoProvider(first);
    ledger.open(name);
  }

  module(metrics: MetricsOptions): DynamicModule {
    return NatsAuthModule.forRoot({
      name: this.name,
      refresh: { timeout: 250, retry: { initialDelay: 10, maxAttempts: 2 }, ahead: false },
      rejection: { initialDelay: 10, maxOnConnect: 1 },
      ...this.options,
      connection: { reconnectTimeWait: 20, reconnectJitter: 0, ...this.options.connection },
      metrics,
      userInfoProvider: { useValue: this.measuredProvider },
    });
  }

  /** The provider, timed. */
  get measuredProvider(): UserInfoProvider {
    return { getUserInfo: (request) => this.#measured(request) };
  }

  /** Once the application is made. How long something took only its events know. */
  join(app: INestMicroservice): void {
    this.#app = app;
    const connection = this.name;
    const observe = (name: string, labels: Record<string, string>, ms: number) =>
      this.ledger.observe(name, { connection, ...labels }, ms / 1_000);
    const { service } = this;
    service.on('connected', ({ role }) => this.connects[role]++);
    service.on('refreshed', ({ durationMs }) =>
      observe('refresh_duration_seconds', { outcome: 'success' }, durationMs),
    );
    // When that is, the jitter decides; the last one told holds.
    service.on('refreshScheduled', ({ at = 0 }) => this.is('next_refresh_timestamp_seconds', {}, at / 1_000));
    service.on('refreshFailed', ({ durationMs }) =>
      observe('refresh_duration_seconds', { outcome: 'failure' }, durationMs),
    );
    service.on('replaced', ({ trigger, ageMs }) =>
      observe('credential_age_at_rotation_seconds', { trigger }, ageMs),
    );
    service.on('rotated', ({ role, mode, outcome, durationMs }) => {
      if (outcome === 'success') observe('rotation_duration_seconds', { role, mode }, durationMs);
    });
  }

  get client(): NatsAuthClient {
    return this.#application.get<NatsAuthClient>(getNatsAuthClientToken(this.name), { strict: false });
  }

  get service(): NatsAuthService {
    return this.#application.get<NatsAuthService>(getNatsAuthServiceToken(this.name), { strict: false });
  }

  /** Opens the client's connection, and enters what that comes to: one call, one connection. */
  async connect(): Promise<void> {
    await this.client.connect();
    this.did('refreshes_total', { reason: 'connect' });
    this.did('connects_total', { role: 'client', kind: 'initial' });
    this.is('connected', { role: 'client' }, 1);
    this.is('wanted', { role: 'client' }, 1);
  }

  /** Enters in the ledger what the scenario did. */
  did(metric: string, labels: Record<string, string>, times = 1): void {
    this.ledger.add(metric, { connection: this.name, ...labels }, times);
  }

  /** Enters that newer user info took the place of older. */
  replaced(trigger: ReplaceTrigger, times = 1): void {
    this.replacements[trigger] = (this.replacements[trigger] ?? 0) + times;
  }

  /** Enters how something is in the end. */
  is(metric: string, labels: Record<string, string>, value: number): void {
    this.ledger.set(metric, { connection: this.name, ...labels }, value);
  }

  /** Waits until a role has connected `more` times since `before`. */
  async reconnected(before: number, more = 1, role: Role = 'client'): Promise<void> {
    await eventually(() => this.connects[role] >= before + more, {
      what: `${this.name}/${role} to connect ${more} more times`,
      timeoutMs: 20_000,
    });
  }

  async #measured(request: Parameters<ScriptedUserInfoProvider['getUserInfo']>[0]): Promise<UserInfo> {
    const startedAt = performance.now();
    try {
      return await this.provider.getUserInfo(request);
    } finally {
      this.ownSeconds += (performance.now() - startedAt) / 1_000;
    }
  }

  get #application(): INestMicroservice {
    if (!this.#app) throw new Error(`${this.name} has not joined the application.`);
    return this.#app;
  }
}
