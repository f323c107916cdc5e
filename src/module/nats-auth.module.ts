import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type Provider,
  Scope,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import type { UserInfoProvider } from '../../libs/credentials/index.js';
import { OptionsInvalidError, shown } from '../../libs/credentials/index.js';
import { NatsAuthClient } from '../transport/client/nats-auth-client.js';
import { NatsAuthServer } from '../transport/server/nats-auth-server.js';
import { NatsAuthHealthIndicator } from '../health/nats-auth-health-indicator.js';
import { MetricsEndpoint } from '../metrics/metrics-endpoint.js';
import { NatsAuthService } from '../status/nats-auth-service.js';
import type { NatsAuthOptions } from './nats-auth-options.js';
import { Registration } from './registration.js';
import { type Registry, RegistryModule } from './registry.js';
import {
  DEFAULT_NAME,
  getNatsAuthClientToken,
  getNatsAuthHealthIndicatorToken,
  getNatsAuthServerToken,
  getNatsAuthServiceToken,
  getRegistrationToken,
  getUserInfoProviderToken,
  REGISTRY,
} from './tokens.js';
import {
  assertUserInfoProvider,
  toNestProvider,
  type UserInfoProviderDefinition,
} from './user-info-provider-definition.js';

/**
 * What every registration has beside its options.
 * @public
 */
export interface NatsAuthRegistrationOptions {
  /** Names the registration; needed when an application has several. Default: `default`. */
  name?: string;
  /** Makes server, client, service and health indicator injectable in every module. Default: false. */
  isGlobal?: boolean;
  /** The application's provider: a class, one of Nest's provider forms, or an object. */
  userInfoProvider: UserInfoProviderDefinition;
}

/**
 * What `NatsAuthModule.forRoot()` takes.
 * @public
 */
export type NatsAuthModuleOptions = NatsAuthOptions &
  NatsAuthRegistrationOptions & {
    /** Modules that export what the `userInfoProvider` injects. */
    imports?: ModuleMetadata['imports'];
  };

/** What `useClass` and `useExisting` of `forRootAsync()` name. */
export interface NatsAuthOptionsFactory {
  /** Called once, when the application starts. */
  createNatsAuthOptions(): NatsAuthOptions | Promise<NatsAuthOptions>;
}

/**
 * What `NatsAuthModule.forRootAsync()` takes.
 * @public
 */
export type NatsAuthModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  NatsAuthOptions,
  'createNatsAuthOptions'
> &
  NatsAuthRegistrationOptions;

const NAME = Symbol('name of the registration');

/** What `forRoot()` takes beside the options; of `forRootAsync()`, the builder reads `imports` itself. */
type Extras = Partial<Pick<NatsAuthModuleOptions, keyof NatsAuthRegistrationOptions | 'imports'>>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<NatsAuthOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createNatsAuthOptions')
  .setExtras<Extras>(
    { name: undefined, isGlobal: undefined, imports: undefined, userInfoProvider: undefined },
    (definition, extras) => withRegistration(definition, extras),
  )
  .build();

// The builder's types make every extra optional; a registration without a provider is a mistake that types can find.
const Configurable = ConfigurableModuleClass as unknown as (new () => object) & {
  forRoot(options: NatsAuthModuleOptions): DynamicModule;
  forRootAsync(options: NatsAuthModuleAsyncOptions): DynamicModule;
};

/**
 * One registration: a NATS transport strategy and a client whose credentials come from the application's
 * `UserInfoProvider`.
 * @public
 */
@Module({})
export class NatsAuthModule extends Configurable {
  /** @throws {@link OptionsInvalidError} when the provider, or what it injects, is request-scoped. */
  constructor(@Inject(ModuleRef) modules: ModuleRef, @Inject(NAME) name: string) {
    super();
    const { scope } = modules.introspect(getRegistrationToken(name));
    if (scope !== Scope.DEFAULT) {
      throw new OptionsInvalidError(
        'userInfoProvider',
        `registration '${name}' has one that is request-scoped or transient, or injects something that is;` +
          ' a connection belongs to no request: make it a singleton.',
      );
    }
  }

  /** @throws {@link OptionsInvalidError} without a `userInfoProvider`; for the options, when the application starts. */
  static override forRoot(options: NatsAuthModuleOptions): DynamicModule {
    return super.forRoot(options);
  }

  /** As `forRoot`, with options that are made by dependency injection. */
  static override forRootAsync(options: NatsAuthModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }
}

function withRegistration(definition: DynamicModule, extras: Extras): DynamicModule {
  const { name = DEFAULT_NAME, isGlobal = false, imports = [], userInfoProvider } = extras;
  if (typeof name !== 'string' || name === '')
    throw new OptionsInvalidError('name', `expected a string that is not empty, got ${shown(name)}.`);
  if (userInfoProvider === undefined) {
    throw new OptionsInvalidError(
      'userInfoProvider',
      `registration '${name}' has none: name the class that implements UserInfoProvider.`,
    );
  }
  const injectables = injectablesOf(name);
  // The default registration is injectable by class, too.
  const aliases = name === DEFAULT_NAME ? injectables : [];
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), ...imports, RegistryModule],
    providers: [
      ...(definition.providers ?? []),
      { provide: NAME, useValue: name },
      toNestProvider(getUserInfoProviderToken(name), userInfoProvider, name),
      ...injectables.map(({ provider }) => provider),
      ...aliases.map(({ type, token }) => ({ provide: type, useExisting: token })),
      registrationProvider(name),
    ],
    exports: [...injectables.map(({ token }) => token), ...aliases.map(({ type }) => type)],
  };
}

function registrationProvider(name: string): Provider {
  return {
    provide: getRegistrationToken(name),
    inject: [MODULE_OPTIONS_TOKEN, getUserInfoProviderToken(name), MetricsEndpoint],
    useFactory: (options: NatsAuthOptions, provider: UserInfoProvider, endpoint: MetricsEndpoint) =>
      Registration.create(name, options, assertUserInfoProvider(provider, name), endpoint),
  };
}

/** What a registration offers for injection. */
interface Injectable {
  readonly type: Type;
  readonly token: symbol;
  readonly provider: Provider;
}

function injectablesOf(name: string): Injectable[] {
  const registration = getRegistrationToken(name);
  const service = getNatsAuthServiceToken(name);
  return [
    made(
      NatsAuthServer,
      getNatsAuthServerToken(name),
      [registration, REGISTRY],
      (of: Registration, registry: Registry) => registry.add(name, new NatsAuthServer(of)),
    ),
    made(
      NatsAuthClient,
      getNatsAuthClientToken(name),
      [registration],
      (of: Registration) => new NatsAuthClient(of),
    ),
    made(NatsAuthService, service, [registration], (of: Registration) => new NatsAuthService(of)),
    made(
      NatsAuthHealthIndicator,
      getNatsAuthHealthIndicatorToken(name),
      [service],
      (of: NatsAuthService) => new NatsAuthHealthIndicator(of),
    ),
  ];
}

function made(
  type: abstract new (...args: never[]) => unknown,
  token: symbol,
  inject: symbol[],
  useFactory: FactoryProvider['useFactory'],
): Injectable {
  return { type: type as Type, token, provider: { provide: token, inject, useFactory } };
}
