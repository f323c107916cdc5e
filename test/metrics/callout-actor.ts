import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import type { MetricsOptions } from 'nestjs-nats-auth';
import {
  type Admission,
  type CalloutEvents,
  type CalloutRequest,
  getNatsAuthCalloutToken,
  NatsAuthCalloutModule,
  type NatsAuthCalloutService,
} from 'nestjs-nats-auth/callout';
import { eventually } from 'nestjs-nats-auth/testing';

import { CALLOUT_METRICS } from '../../src/callout/metrics/table.js';
import { Actor } from './actor.js';
import type { Ledger } from './ledger.js';
import { CALLOUT_USER, type CalloutStage } from './scenarios/callout-stage.js';

type Outcome = 'admitted' | 'refused' | 'failed';

/** A registration that is an auth callout, whose authorizer does what its scenario says. */
export class CalloutActor extends Actor {
  authorize: (request: CalloutRequest) => Admission | Promise<Admission> = () => ({
    name: 'x',
    account: 'APP',
  });
  /** Whether the signer of the answers works. */
  signs = true;
  readonly #told = new Map<keyof CalloutEvents, number>();
  #callout?: NatsAuthCalloutService;

  constructor(
    name: string,
    private readonly book: Ledger,
    readonly stage: CalloutStage,
  ) {
    super(name, book, CALLOUT_USER, { connection: { servers: stage.server.url } });
    book.open(name, CALLOUT_METRICS);
  }

  override module(metrics: MetricsOptions): DynamicModule {
    const { issuer, server } = this.stage;
    const sign = (data: Uint8Array) => {
      if (!this.signs) throw new Error('KMS is down');
      return issuer.sign(data);
    };
    return NatsAuthCalloutModule.forRoot({
      name: this.name,
      connection: { servers: server.url },
      refresh: { ahead: false },
      metrics,
      callout: {
        issuer: { publicKey: issuer.getPublicKey(), sign },
        accounts: ['APP', 'NOWHERE'],
        timeout: 300,
        concurrency: 1,
        queueTimeout: 50,
      },
      userInfoProvider: { useValue: this.measuredProvider },
      authorizer: { useValue: { authorize: (request: CalloutRequest) => this.authorize(request) } },
    });
  }

  override join(app: INestMicroservice): void {
    super.join(app);
    this.#callout = app.get<NatsAuthCalloutService>(getNatsAuthCalloutToken(this.name), { strict: false });
    const observe = (outcome: Outcome, durationMs: number) =>
      this.book.observe('callout_duration_seconds', { connection: this.name, outcome }, durationMs / 1_000);
    for (const outcome of ['admitted', 'refused', 'failed'] as const)
      this.callout.on(outcome, ({ durationMs }) => observe(outcome, durationMs));
    for (const name of ['admitted', 'refused', 'failed', 'discarded', 'answerRefused'] as const)
      this.callout.on(name, () => void this.#told.set(name, this.#times(name) + 1));
  }

  get callout(): NatsAuthCalloutService {
    if (!this.#callout) throw new Error(`${this.name} has not joined the application.`);
    return this.#callout;
  }

  /** Does something, and waits until the callout has told of it. */
  async until(name: keyof CalloutEvents, act: () => Promise<unknown>, times = 1): Promise<void> {
    const before = this.#times(name);
    await act();
    await eventually(() => this.#times(name) >= before + times, { what: `${this.name} to tell of ${name}` });
  }

  #times(name: keyof CalloutEvents): number {
    return this.#told.get(name) ?? 0;
  }
}
