import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  Module,
  type Provider,
} from '@nestjs/common';

import type { UserInfoProvider } from '../../libs/credentials/index.js';
import { OptionsInvalidError } from '../../libs/credentials/index.js';
import { NatsAuthClient } from '../transport/client/nats-auth-client.js';
import { NatsAuthServer } from '../transport/server/nats-auth-server.js';
import { NatsAuthService } from '../status/nats-auth-service.js';
import type { NatsAuthOptions } from './nats-auth-options.js';
import { Registration } from './registration.js';
import { type Registry, RegistryModule } from './registry.js';
import {
  DEFAULT_NAME,
  getNatsAuthClientToken,
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
  /** Makes the server and the client injectable everywhere. Default: false. */
  isGlobal?: boolean;
  /** The application's provider. */
  userInfoProvider: UserInfoProviderDefinition;
}

/** @public */
export type NatsAuthModuleOptions = NatsAuthOptions & NatsAuthRegistrationOptions;

/** What `useClass` and `useExisting` of `forRootAsync()` name. */
export interface NatsAuthOptionsFactory {
  createNatsAuthOptions(): NatsAuthOptions | Promise<NatsAuthOptions>;
}

/** @public */
export type NatsAuthModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  NatsAuthOptions,
  'createNatsAuthOptions'
> &
  NatsAuthRegistrationOptions;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<NatsAuthOptions>()
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createNatsAuthOptions')
  .setExtras<Partial<NatsAuthRegistrationOptions>>(
    { name: undefined, isGlobal: undefined, userInfoProvider: undefined },
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
  /** @throws {@link OptionsInvalidError} without a `userInfoProvider`; for the options, when the application starts. */
  static override forRoot(options: NatsAuthModuleOptions): DynamicModule {
    return super.forRoot(options);
  }

  /** As `forRoot`, with options that are made by dependency injection. */
  static override forRootAsync(options: NatsAuthModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }
}

function withRegistration(
  definition: DynamicModule,
  extras: Partial<NatsAuthRegistrationOptions>,
): DynamicModule {
  const { name = DEFAULT_NAME, isGlobal = false, userInfoProvider } = extras;
  if (userInfoProvider === undefined) {
    throw new OptionsInvalidError(
      'userInfoProvider',
      `registration '${name}' has none: name the class that implements UserInfoProvider.`,
    );
  }
  const tokens = [getNatsAuthServerToken(name), getNatsAuthClientToken(name), getNatsAuthServiceToken(name)];
  const isDefault = name === DEFAULT_NAME;
  return {
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), RegistryModule],
    providers: [
      ...(definition.providers ?? []),
      toNestProvider(getUserInfoProviderToken(name), userInfoProvider, name),
      ...registrationProviders(name),
      ...(isDefault ? classAliases : []),
    ],
    exports: [...tokens, ...(isDefault ? [NatsAuthServer, NatsAuthClient, NatsAuthService] : [])],
  };
}

function registrationProviders(name: string): Provider[] {
  return [
    {
      provide: getRegistrationToken(name),
      inject: [MODULE_OPTIONS_TOKEN, getUserInfoProviderToken(name)],
      useFactory: (options: NatsAuthOptions, provider: UserInfoProvider) =>
        new Registration(name, options, assertUserInfoProvider(provider, name)),
    },
    {
      provide: getNatsAuthServerToken(name),
      inject: [getRegistrationToken(name), REGISTRY],
      useFactory: (registration: Registration, registry: Registry) => {
        const server = new NatsAuthServer(registration);
        registry.add(name, server);
        return server;
      },
    },
    {
      provide: getNatsAuthClientToken(name),
      inject: [getRegistrationToken(name)],
      useFactory: (registration: Registration) => new NatsAuthClient(registration),
    },
    {
      provide: getNatsAuthServiceToken(name),
      inject: [getRegistrationToken(name)],
      useFactory: (registration: Registration) => new NatsAuthService(registration),
    },
  ];
}

/** The default registration is injectable by class, too. */
const classAliases: Provider[] = [
  { provide: NatsAuthServer, useExisting: getNatsAuthServerToken() },
  { provide: NatsAuthClient, useExisting: getNatsAuthClientToken() },
  { provide: NatsAuthService, useExisting: getNatsAuthServiceToken() },
];
