import { type DynamicModule, type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import {
  getNatsAuthClientToken,
  getNatsAuthServiceToken,
  type NatsAuthClient,
  type NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { NatsAuthCalloutService } from 'nestjs-nats-auth/callout';
import { freePort, startNatsCluster } from 'nestjs-nats-auth/testing';

import { AuthCalloutModule } from '../auth-callout/auth-callout.module.js';
import { GatewayModule } from '../gateway/gateway.module.js';
import { PriceWatch } from '../gateway/price-watch.js';
import { AUDIENCE, IdentityProvider } from '../identity-provider/identity-provider.js';
import { createNatsSecrets, natsConfiguration, SERVERS } from '../nats/nats-configuration.js';
import { NatsOperator } from '../nats/nats-operator.js';
import { OrderTally } from '../orders/order-tally.js';
import { OrdersModule } from '../orders/orders.module.js';
import { servePage } from '../page/serve-page.js';
import type { OrdersView, PricesView, Snapshot, SystemView, TrafficView } from '../page/system-view.js';
import { PricingModule } from '../pricing/pricing.module.js';
import { type Action, actionsOn, type Parts } from './actions.js';
import { Journal } from './journal.js';
import { ObservedService } from './observed-service.js';
import { Traffic } from './traffic.js';

export interface SystemOptions {
  readonly tokenLifetimeMs: number;
  /** The gateway's, if it is free. */
  readonly preferredPort: number;
  /** Says what is being started. */
  readonly say: (text: string) => void;
}

const SERVICES = ['orders', 'pricing', 'gateway'];
const REQUESTS_PER_SECOND = 20;

/** All parts of the sample, in one process. */
export class System implements SystemView {
  readonly journal = new Journal();
  readonly services: ObservedService[] = [];
  url = '';
  #parts?: Parts;
  #orders?: OrderTally;
  #prices?: PriceWatch;
  #traffic?: Traffic;
  #actions: readonly Action[] = [];
  readonly #closing: (() => Promise<unknown>)[] = [];

  constructor(private readonly options: SystemOptions) {}

  /** @throws when `signal` aborts, or a part does not start. What was started is to be closed all the same. */
  async start(signal: AbortSignal): Promise<void> {
    const { tokenLifetimeMs, say } = this.options;
    signal.throwIfAborted();
    const secrets = createNatsSecrets();
    const cluster = await startNatsCluster(SERVERS, {
      config: natsConfiguration(secrets),
      jetstream: true,
    });
    this.#closing.unshift(() => cluster.stop());
    say(`nats-server ${cluster.servers[0]?.version ?? ''}, a cluster of three: ${cluster.urls.join(', ')}`);

    signal.throwIfAborted();
    const identityProvider = new IdentityProvider(SERVICES, tokenLifetimeMs);
    await identityProvider.start();
    this.#closing.unshift(() => identityProvider.stop());
    say(`identity provider: ${identityProvider.issuer}, tokens live ${tokenLifetimeMs / 1_000} s`);

    const { issuer } = identityProvider;
    const callout = await this.#run(
      NestFactory.createApplicationContext(
        AuthCalloutModule.with({
          servers: cluster.urls,
          secrets,
          issuer,
          audience: AUDIENCE,
          sessionGraceMs: this.#sessionGraceMs,
        }),
        { logger: ['error', 'fatal'] },
      ),
      signal,
    );
    say('auth-callout service: verifies tokens, mints NATS users');

    const settings = (service: string) => ({
      servers: cluster.urls,
      issuer,
      clientSecret: identityProvider.secrets.get(service) ?? '',
    });
    for (const [name, module] of [
      ['pricing', PricingModule.with(settings('pricing'))],
      ['orders', OrdersModule.with(settings('orders'))],
    ] as const) {
      const options = { ...natsAuthTransport(name), logger: ['fatal' as const] };
      const app = await this.#run(
        NestFactory.createMicroservice(this.#observed(name, module), options),
        signal,
      );
      await app.listen();
      if (name === 'orders') this.#orders = app.get(OrderTally);
      say(`${name} service: answers ${name}.* on NATS`);
    }

    const gatewayModule = this.#observed('gateway', GatewayModule.with(settings('gateway'), this));
    const gateway = await this.#run(
      NestFactory.create<NestExpressApplication>(gatewayModule, {
        logger: ['fatal'],
        // The page's stream of events would keep the server open.
        forceCloseConnections: true,
      }),
      signal,
    );
    servePage(gateway);
    this.#prices = gateway.get(PriceWatch);
    this.url = await listen(gateway, this.options.preferredPort, say);
    say(`gateway: ${this.url}/orders/1`);
    await gateway.get<NatsAuthClient>(getNatsAuthClientToken('gateway')).connect();

    this.#parts = {
      identityProvider,
      callout: callout.get(NatsAuthCalloutService),
      nats: new NatsOperator(cluster),
      services: this.services,
    };
    this.#actions = actionsOn(this.#parts);
    signal.throwIfAborted();
    const traffic = new Traffic(
      (n) => `${this.url}/orders/${n}`,
      REQUESTS_PER_SECOND,
      (why) => this.journal.add('traffic', 'failed', why),
    );
    this.#traffic = traffic;
    this.#closing.unshift(() => traffic.stop());
  }

  get traffic(): TrafficView {
    return this.#traffic?.view ?? { requests: 0, answered: 0, failed: 0, waiting: 0, seconds: [] };
  }

  get orders(): OrdersView {
    return this.#orders?.view ?? { placed: 0, stored: 0, read: 0, lost: 0, twice: 0, redelivered: 0 };
  }

  get prices(): PricesView {
    return this.#prices?.view ?? { revision: 0, missed: 0, prices: [] };
  }

  /** Waits for the requests that are under way now. */
  async trafficSettled(): Promise<void> {
    await this.#traffic?.settled();
  }

  /** One more lifetime: the identity provider may be away for as long. */
  get #sessionGraceMs(): number {
    return this.options.tokenLifetimeMs;
  }

  /** What all services came to together. */
  get totals(): { refreshes: number; refreshFailures: number; rejections: number } {
    const totals = { refreshes: 0, refreshFailures: 0, rejections: 0 };
    for (const service of this.services) {
      const view = service.view();
      totals.refreshes += view.refreshes;
      totals.refreshFailures += view.refreshFailures;
      totals.rejections += view.rejections;
    }
    return totals;
  }

  act(id: string): boolean | undefined {
    const action = this.#actions.find((one) => one.id === id);
    if (!action) return undefined;
    if (action.blockedBy() !== undefined) return false;
    void this.perform(id);
    return true;
  }

  /** Does it, and resolves when it is done. A failure is told in the journal. */
  async perform(id: string): Promise<void> {
    const action = this.#actions.find((one) => one.id === id);
    if (!action) throw new Error(`There is no action '${id}'.`);
    this.journal.add('you', 'done', action.label);
    try {
      await action.run();
    } catch (error) {
      this.journal.add('you', 'failed', `${action.label}: ${String(error)}`);
    }
  }

  snapshot(revision = 0): Snapshot {
    const { identityProvider, nats } = this.#parts ?? {};
    return {
      now: Date.now(),
      tokenLifetimeMs: this.options.tokenLifetimeMs,
      sessionGraceMs: this.#sessionGraceMs,
      identityProvider: { up: identityProvider?.isUp ?? false, keyId: identityProvider?.keyId ?? '' },
      servers: nats?.servers ?? [],
      services: this.services.map((service) => service.view()),
      traffic: this.traffic,
      orders: this.orders,
      prices: this.prices,
      actions: this.#actions.map(({ run: _run, blockedBy, active, ...action }) => ({
        ...action,
        available: blockedBy() === undefined,
        blockedBy: blockedBy(),
        active: active?.(),
      })),
      ...this.journal.since(revision),
    };
  }

  /** Ends all parts, those that depend on others first. */
  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) {
      await close().catch((error: unknown) => Logger.error(error));
    }
  }

  async #run<T extends INestApplicationContext>(starting: Promise<T>, signal: AbortSignal): Promise<T> {
    const app = await starting;
    this.#closing.unshift(() => app.close());
    signal.throwIfAborted();
    return app;
  }

  /** Watches from the start: an injected connection is connected before there is an application. */
  #observed(name: string, module: DynamicModule): DynamicModule {
    const observer = {
      provide: ObservedService,
      inject: [getNatsAuthServiceToken(name)],
      useFactory: (nats: NatsAuthService) => {
        const service = new ObservedService(name, nats, this.journal);
        this.services.push(service);
        return service;
      },
    };
    return { ...module, providers: [observer, ...(module.providers ?? [])] };
  }
}

async function listen(
  app: NestExpressApplication,
  preferredPort: number,
  say: (text: string) => void,
): Promise<string> {
  try {
    await app.listen(preferredPort, '127.0.0.1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const port = await freePort();
    say(`port ${preferredPort} is taken; the gateway gets ${port}`);
    await app.listen(port, '127.0.0.1');
  }
  return app.getUrl();
}
