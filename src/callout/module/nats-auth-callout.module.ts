import { ConfigurableModuleBuilder, type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import { describeValue, OptionsInvalidError } from '../../../libs/base/index.js';
import { AUTH_ERRORS_SUBJECT, calloutSettings } from '../../../libs/callout/index.js';
import { loadPrometheus } from '../../metrics/start-metrics.js';
import type { NatsAuthOptions } from '../../module/nats-auth-options.js';
import { NatsAuthModule } from '../../module/nats-auth.module.js';
import { toNestProvider } from '../../module/provider-definition.js';
import { assertSingleton } from '../../module/provider-injection.js';
import type { Registration } from '../../module/registration.js';
import type { Registry } from '../../module/registry.js';
import { getNatsAuthServiceToken, getRegistrationToken, REGISTRY } from '../../module/tokens.js';
import type { UserInfoProviderDefinition } from '../../module/user-info-provider-definition.js';
import type { NatsAuthService } from '../../status/nats-auth-service.js';
import { Administration } from '../administration/administration.js';
import { KnownSessions } from '../administration/known-sessions.js';
import { NatsAuthCalloutHealthIndicator } from '../health/nats-auth-callout-health-indicator.js';
import { CalloutListener } from '../listening/callout-listener.js';
import { NatsAuthCalloutService } from '../nats-auth-callout-service.js';
import { observeCallout } from '../observe-callout.js';
import { assertAuthorizer } from './authorizer-definition.js';
import type {
  NatsAuthCalloutModuleAsyncOptions,
  NatsAuthCalloutModuleOptions,
  NatsAuthCalloutOptions,
  NatsAuthCalloutRegistrationOptions,
} from './callout-options.js';
import {
  DEFAULT_CALLOUT_NAME,
  getAuthorizerToken,
  getCalloutListenerToken,
  getNatsAuthCalloutHealthIndicatorToken,
  getNatsAuthCalloutToken,
  systemNameOf,
} from './tokens.js';

/** What `forRoot()` takes besides the options. For `forRootAsync()` the builder handles `imports` itself. */
type Extras = Partial<
  Pick<NatsAuthCalloutModuleOptions, keyof NatsAuthCalloutRegistrationOptions | 'imports'>
>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<NatsAuthCalloutOptions>()
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createNatsAuthCalloutOptions')
    .setExtras<Extras>(
      {
        name: undefined,
        isGlobal: undefined,
        imports: undefined,
        userInfoProvider: undefined,
        authorizer: undefined,
        system: undefined,
      },
      (definition, extras) => withCallout(definition, extras),
    )
    .build();

// The builder's types make every extra optional; a callout without an authorizer is a mistake that types can find.
const Configurable = ConfigurableModuleClass as unknown as (new () => object) & {
  forRoot(options: NatsAuthCalloutModuleOptions): DynamicModule;
  forRootAsync(options: NatsAuthCalloutModuleAsyncOptions): DynamicModule;
};

/**
 * A service that nats-servers ask who may come in (auth callout). It asks the application's `Authorizer`; the rest is this module's. Its own connection
 * is a registration of `NatsAuthModule`, so that its credentials are dynamic as well.
 *
 * It begins when the application bootstraps. What connects as one of its own users must come later: call `app.init()` before `app.startAllMicroservices()`.
 * @public
 */
@Module({})
export class NatsAuthCalloutModule extends Configurable {
  /**
   * Registers a callout whose options are at hand.
   * @throws {@link OptionsInvalidError} without a `userInfoProvider` or an `authorizer`; for the options, when the application starts.
   */
  static override forRoot(options: NatsAuthCalloutModuleOptions): DynamicModule {
    return super.forRoot(options);
  }

  /** As `forRoot`, with options that are made by dependency injection. */
  static override forRootAsync(options: NatsAuthCalloutModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }
}

/** Makes the options once, for the callout and its connections. */
@Module({})
class CalloutOptionsModule {}

function withCallout(definition: DynamicModule, extras: Extras): DynamicModule {
  const { name = DEFAULT_CALLOUT_NAME, isGlobal = false, system } = extras;
  if (typeof name !== 'string' || name === '')
    throw new OptionsInvalidError(
      'name',
      `expected a string that is not empty, got ${describeValue(name, 'text')}.`,
    );
  const userInfoProvider = given('userInfoProvider', 'UserInfoProvider', extras.userInfoProvider, name);
  const authorizer = given('authorizer', 'Authorizer', extras.authorizer, name);
  const options: DynamicModule = {
    module: CalloutOptionsModule,
    imports: [...(definition.imports ?? []), ...(extras.imports ?? [])],
    providers: definition.providers ?? [],
    exports: [MODULE_OPTIONS_TOKEN],
  };
  const imports = [...(options.imports ?? []), options];
  const connection = (
    as: string,
    provider: UserInfoProviderDefinition,
    useFactory: (options: NatsAuthCalloutOptions) => NatsAuthOptions,
  ) =>
    NatsAuthModule.forRootAsync({
      name: as,
      isGlobal,
      imports,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory,
      userInfoProvider: provider,
    });
  const connections = [
    connection(name, userInfoProvider, listenerOptions),
    ...(system
      ? [
          connection(
            systemNameOf(name),
            given('system.userInfoProvider', 'UserInfoProvider', system.userInfoProvider, name),
            connectionOptions,
          ),
        ]
      : []),
  ];
  const service = getNatsAuthCalloutToken(name);
  const indicator = getNatsAuthCalloutHealthIndicatorToken(name);
  // The callout without a name is injectable by class, too.
  const aliases = [
    { type: NatsAuthCalloutService, token: service },
    { type: NatsAuthCalloutHealthIndicator, token: indicator },
  ].filter(() => name === DEFAULT_CALLOUT_NAME);
  return {
    module: definition.module,
    global: isGlobal,
    imports: [...imports, ...connections],
    providers: [
      toNestProvider(getAuthorizerToken(name), authorizer, (value) => assertAuthorizer(value, name)),
      { provide: KnownSessions, useFactory: () => new KnownSessions() },
      listener(name, system !== undefined),
      administration(name, system !== undefined),
      {
        provide: service,
        inject: [getCalloutListenerToken(name), getNatsAuthServiceToken(name), Administration],
        useFactory: (callout: CalloutListener, nats: NatsAuthService, by: Administration) =>
          new NatsAuthCalloutService(callout, nats, by),
      },
      {
        provide: indicator,
        inject: [service],
        useFactory: (of: NatsAuthCalloutService) => new NatsAuthCalloutHealthIndicator(of),
      },
      ...aliases.map(({ type, token }) => ({ provide: type, useExisting: token })),
    ],
    exports: [service, indicator, ...aliases.map(({ type }) => type), ...connections],
  };
}

/** The listener looks the authorizer up later, so that an authorizer can inject the callout's own service. */
function listener(name: string, hasSystem: boolean): Provider {
  return {
    provide: getCalloutListenerToken(name),
    inject: [MODULE_OPTIONS_TOKEN, getRegistrationToken(name), REGISTRY, ModuleRef, KnownSessions],
    useFactory: (
      { callout, metrics }: NatsAuthCalloutOptions,
      registration: Registration,
      registry: Registry,
      modules: ModuleRef,
      known: KnownSessions,
    ) =>
      registry.starting(async () => {
        const authorizer = getAuthorizerToken(name);
        assertSingleton(modules, authorizer, {
          option: 'authorizer',
          name,
          reason: 'a client that connects to a nats-server is no request of the application',
        });
        const given = () => assertAuthorizer(modules.get<unknown>(authorizer), name);
        const made = new CalloutListener({
          registration,
          registry,
          settings: await calloutSettings(callout),
          // Without a user of the system account nobody can end the sessions that are remembered.
          authorizer: hasSystem ? () => known.following(given()) : given,
        });
        observeCallout(name, made.events, metrics, await loadPrometheus(metrics));
        return made;
      }),
  };
}

function administration(name: string, hasSystem: boolean): Provider {
  const system = hasSystem ? [getRegistrationToken(systemNameOf(name))] : [];
  return {
    provide: Administration,
    inject: [getCalloutListenerToken(name), KnownSessions, ...system],
    useFactory: (listener: CalloutListener, known: KnownSessions, registration?: Registration) =>
      new Administration({
        ...{ name, known },
        ...{ settings: listener.settings, callout: listener.callout, events: listener.events },
        system: registration && {
          connection: () => registration.injected.open(),
          inboxPrefix: registration.transport.inboxPrefix,
        },
      }),
  };
}

function connectionOptions({ callout: _, ...options }: NatsAuthCalloutOptions): NatsAuthOptions {
  return options;
}

/** An account may keep its users from hearing which answers servers refuse: the callout works all the same. It does not without the requests. */
function listenerOptions(options: NatsAuthCalloutOptions): NatsAuthOptions {
  const { handlers, ...others } = connectionOptions(options);
  return { ...others, handlers: { ...handlers, mayBeRefused: [AUTH_ERRORS_SUBJECT] } };
}

/** @throws {@link OptionsInvalidError} */
function given<T>(option: string, what: string, value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw new OptionsInvalidError(
    option,
    `callout '${name}' has none: name the class that implements ${what}.`,
  );
}
