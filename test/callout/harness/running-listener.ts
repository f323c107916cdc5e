import { onTestFinished } from 'vitest';

import type { CalloutEvents, CalloutOptions } from '../../../libs/callout/index.js';
import { calloutSettings } from '../../../libs/callout/index.js';
import type { UserInfo } from '../../../libs/credentials/index.js';
import { CalloutListener } from '../../../src/callout/listening/callout-listener.js';
import type { NatsAuthOptions } from '../../../src/module/nats-auth-options.js';
import { Registration } from '../../../src/module/registration.js';
import { Registry } from '../../../src/module/registry.js';
import { NatsAuthService } from '../../../src/status/nats-auth-service.js';
import { CALLOUT_EVENT_NAMES } from '../../support/event-names.js';
import type { Lane } from './lanes.js';
import type { Authorize } from './running-callout.js';

export interface ListenerStart {
  readonly lane: Lane;
  readonly server: { readonly url: string };
  readonly options: CalloutOptions;
  readonly authorize: Authorize;
  /** The credentials of the callout itself. */
  readonly getUserInfo: () => UserInfo | Promise<UserInfo>;
  readonly nats?: NatsAuthOptions;
}

/** What `NatsAuthCalloutModule` makes of its options, on either driver: a NestJS process has that of its NestJS only. */
export class RunningListener {
  readonly told: { readonly name: keyof CalloutEvents; readonly event: unknown }[] = [];

  private constructor(
    readonly registration: Registration,
    readonly listener: CalloutListener,
    readonly nats: NatsAuthService,
  ) {}

  static async start(start: ListenerStart): Promise<RunningListener> {
    const { lane, server, getUserInfo, authorize } = start;
    const { connection, ...others } = start.nats ?? {};
    const registration = await Registration.create(
      'callout',
      {
        metrics: false,
        connection: { servers: server.url, name: 'callout', reconnectTimeWait: 50, ...connection },
        ...others,
      },
      { getUserInfo },
      { add: () => {} },
      () => Promise.resolve(lane.driver.driver),
    );
    const listener = new CalloutListener({
      registration,
      registry: new Registry(),
      settings: await calloutSettings(start.options),
      authorizer: () => ({ authorize }),
    });
    const running = new RunningListener(registration, listener, new NatsAuthService(registration));
    for (const name of CALLOUT_EVENT_NAMES)
      listener.events.on(name, (event) => void running.told.push({ name, event }));
    onTestFinished(() => running.crash());
    await listener.onApplicationBootstrap();
    return running;
  }

  all<K extends keyof CalloutEvents>(name: K): CalloutEvents[K][] {
    return this.told.filter((entry) => entry.name === name).map(({ event }) => event as CalloutEvents[K]);
  }

  /** As an application shuts down. */
  async stop(): Promise<void> {
    await this.listener.onModuleDestroy();
    await this.registration.onApplicationShutdown();
  }

  /** As a process ends. */
  async crash(): Promise<void> {
    await this.listener.abandon();
    await this.registration.onApplicationShutdown();
  }
}
