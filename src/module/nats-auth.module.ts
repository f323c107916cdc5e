import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type Provider,
  Scope,
  type Type,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';

import type { UserInfoProvider } from '../../libs/credentials/index.js';
import { describeValue, OptionsInvalidError } from '../../libs/base/index.js';
import { NatsAuthClient } from '../transport/client/nats-auth-client.js';
import { NatsAuthServer } from '../transport/server/nats-auth-server.js';
import { NatsAuthHealthIndicator } from '../health/nats-auth-health-indicator.js';
import { MetricsEndpoint } from '../metrics/metrics-endpoint.js';
import { NatsAuthService } from '../status/nats-auth-service.js';
import type { NatsAuthOptions } from './nats-auth-options.js';
import { toNestProvider } from './provider-definition.js';
import { assertInjectable, ProviderHandover } from './provider-injection.js';
import { Registration } from './registration.js';
import { type Registry, RegistryModule } from './registry.js';
import {
  DEFAULT_NAME,
  getNatsAuthClientToken,
  getNatsAuthConnectionToken,
  getNatsAuthHealthIndicatorToken,
  getNatsAuthServerToken,
  getNatsAuthServiceToken,
  getRegistrationToken,
  getUserInfoProviderToken,
  REGISTRATION,
  REGISTRY,
} from './tokens.js';
import { assertUserInfoProvider, type UserInfoProviderDefinition } from './user-info-provider-definition.js';

/**
 * What every registration has beside its options.
 * @public
 */
export interface NatsAuthRegistrationOptions {
  /** Names the registration; needed when an application has several. Default: `default`. */
  name?: string;
  /** Makes server, client, connection, service and health indicator injectable in every module. Default: false. */
  isGlobal?: boolean;
  /** The application's provider: a class, one of Nest's provider forms, or an object. */
  userInfoProvider: UserInfoProviderDefinition;
  /**
   * A class that extends `NatsAuthClient`, to override what that inherits from NestJS: `serializeError()`, `initializeSerializer()` and so on.
   * Default: `NatsAuthClient`.
   */
  clientClass?: Type<NatsAuthClient>;
  /** A class that extends `NatsAuthServer`, as `clientClass` does for the client. Default: `NatsAuthServer`. */
  serverClass?: Type<NatsAuthServer>;
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

const HANDOVER = 'handover of the provider';

/** What `forRoot()` takes besides the options. For `forRootAsync()` the builder handles `imports` itself. */
type Extras = Partial<Pick<NatsAuthModuleOptions, keyof NatsAuthRegistrationOptions | 'imports'>>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<NatsAuthOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createNatsAuthOptions')
  .setExtras<Extras>(
    {
      name: undefined,
      isGlobal: undefined,
      imports: undefined,
      userInfoProvider: undefined,
      clientClass: undefined,
      serverClass: undefined,
    },
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
  /**
   * Registers a connection whose options are at hand.
   * @throws {@link OptionsInvalidError} without a `userInfoProvider`; for the options, when the application starts.
   */
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
    throw new OptionsInvalidError(
      'name',
      `expected a string that is not empty, got ${describeValue(name, 'text')}.`,
    );
  if (userInfoProvider === undefined) {
    throw new OptionsInvalidError(
      'userInfoProvider',
      `registration '${name}' has none: name the class that implements UserInfoProvider.`,
    );
  }
  const clientClass = extending('clientClass', extras.clientClass, NatsAuthClient);
  const serverClass = extending('serverClass', extras.serverClass, NatsAuthServer);
  const injectables = injectablesOf(name, clientClass, serverClass);
  const aliases = [
    // The default registration is injectable by class, too.
    ...(name === DEFAULT_NAME ? injectables : []),
    ...injectables.flatMap(({ own, token }) => (own ? [{ type: own, token }] : [])),
  ];
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), ...imports, RegistryModule],
    providers: [
      ...(definition.providers ?? []),
      toNestProvider(getUserInfoProviderToken(name), userInfoProvider, (value) =>
        assertUserInfoProvider(value, name),
      ),
      ...injectables.map(({ provider }) => provider),
      ...aliases.map(({ type, token }) => ({ provide: type, useExisting: token })),
      ...registrationProviders(name),
      connectionToInject(name),
      { provide: REGISTRATION, useExisting: getRegistrationToken(name) },
      enteredInRegistry(name),
    ],
    exports: [
      ...injectables.map(({ token }) => token),
      ...aliases.map(({ type }) => type),
      getNatsAuthConnectionToken(name),
      getRegistrationToken(name),
    ],
  };
}

/**
 * The registration waits for its provider without injecting it: where the provider needs the registration, NestJS 11 would wait for ever,
 * and NestJS 12 would name the wrong culprit.
 */
function registrationProviders(name: string): Provider[] {
  return [
    { provide: HANDOVER, useFactory: () => new ProviderHandover() },
    {
      provide: 'provider handed over',
      inject: [HANDOVER, getUserInfoProviderToken(name)],
      useFactory: (handover: ProviderHandover, provider: UserInfoProvider) => handover.give(provider),
    },
    {
      provide: getRegistrationToken(name),
      inject: [MODULE_OPTIONS_TOKEN, MetricsEndpoint, HANDOVER, ModuleRef, ModulesContainer, REGISTRY],
      useFactory: (
        options: NatsAuthOptions,
        endpoint: MetricsEndpoint,
        handover: ProviderHandover,
        modules: ModuleRef,
        container: ModulesContainer,
        registry: Registry,
      ) => {
        return registry.starting(async () => {
          assertInjectable(name, modules, container);
          const provider = assertUserInfoProvider(await handover.provider, name);
          return Registration.create(name, options, provider, endpoint);
        });
      },
    },
  ];
}

/** Transient, so that it is opened only where it is injected; the registration has one for all. */
function connectionToInject(name: string): Provider {
  return {
    provide: getNatsAuthConnectionToken(name),
    scope: Scope.TRANSIENT,
    inject: [REGISTRATION, REGISTRY],
    useFactory: (registration: Registration, registry: Registry) =>
      registry.starting(() => registration.injected.open(), registration.injected),
  };
}

/** What a registration offers for injection. */
interface Injectable {
  readonly type: Type;
  /** The application's class that extends `type`. */
  readonly own?: Type;
  readonly token: string;
  readonly provider: Provider;
}

function injectablesOf(
  name: string,
  clientClass: Type<NatsAuthClient>,
  serverClass: Type<NatsAuthServer>,
): Injectable[] {
  const service = getNatsAuthServiceToken(name);
  return [
    ofClass(NatsAuthServer as Type, getNatsAuthServerToken(name), serverClass),
    ofClass(NatsAuthClient as Type, getNatsAuthClientToken(name), clientClass),
    {
      type: NatsAuthService as Type,
      token: service,
      provider: {
        provide: service,
        inject: [REGISTRATION],
        useFactory: (of: Registration) => new NatsAuthService(of),
      },
    },
    {
      type: NatsAuthHealthIndicator,
      token: getNatsAuthHealthIndicatorToken(name),
      provider: {
        provide: getNatsAuthHealthIndicatorToken(name),
        inject: [service],
        useFactory: (of: NatsAuthService) => new NatsAuthHealthIndicator(of),
      },
    },
  ];
}

function ofClass(type: Type, token: string, useClass: Type): Injectable {
  return {
    type,
    own: useClass === type ? undefined : useClass,
    token,
    provider: { provide: token, useClass },
  };
}

/** @throws {@link OptionsInvalidError} */
function extending<T>(
  option: string,
  own: Type<T> | undefined,
  base: abstract new (of: never) => T,
): Type<T> {
  if (own === undefined) return base as Type<T>;
  if (typeof own === 'function' && own.prototype instanceof base) return own;
  throw new OptionsInvalidError(
    option,
    `expected a class that extends the one of this package, got ${describeValue(own, 'text')}.`,
  );
}

/** Where `natsAuthTransport()` finds the server. */
function enteredInRegistry(name: string): Provider {
  return {
    provide: `${getNatsAuthServerToken(name)} in the registry`,
    inject: [getNatsAuthServerToken(name), getRegistrationToken(name), REGISTRY],
    useFactory: (server: NatsAuthServer, registration: Registration, registry: Registry) =>
      registry.starting(() => registry.add(name, { server, registration })),
  };
}
