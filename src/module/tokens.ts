import { Inject, type InjectionToken } from '@nestjs/common';

/** The name of a registration that was given none. */
export const DEFAULT_NAME = 'default';

/** @internal Text, as NestJS puts tokens into its messages and fails at a symbol; and the same in two copies of this package. */
export const token = (kind: string, name: string) => `${kind}(${name})`;

/** Token of a registration's `NatsAuthServer`. */
export const getNatsAuthServerToken = (name = DEFAULT_NAME): string => token('NatsAuthServer', name);

/** Token of a registration's `NatsAuthClient`. */
export const getNatsAuthClientToken = (name = DEFAULT_NAME): string => token('NatsAuthClient', name);

/** Token of a registration's `NatsAuthService`. */
export const getNatsAuthServiceToken = (name = DEFAULT_NAME): string => token('NatsAuthService', name);

/** Token of a registration's `NatsAuthHealthIndicator`. */
export const getNatsAuthHealthIndicatorToken = (name = DEFAULT_NAME): string =>
  token('NatsAuthHealthIndicator', name);

/**
 * Token of a registration's nats.js connection. Its provider is transient, so that an application that does not inject it opens none:
 * `app.resolve()` gives it, not `app.get()`. It is the same object for everybody.
 */
export const getNatsAuthConnectionToken = (name = DEFAULT_NAME): string => token('NatsAuthConnection', name);

/**
 * Token of a registration's `UserInfoProvider`; override it in `Test.createTestingModule()` to test without the real
 * source of credentials.
 */
export const getUserInfoProviderToken = (name = DEFAULT_NAME): string => token('UserInfoProvider', name);

/** Injects the `NatsAuthServer` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthServer = (name?: string) => Inject(getNatsAuthServerToken(name));

/** Injects the `NatsAuthClient` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthClient = (name?: string) => Inject(getNatsAuthClientToken(name));

/**
 * Injects the nats.js connection of the registration `name`; default: the registration without a name. What injects it is made once the
 * connection is established. Annotate it with the type of the nats.js package that is installed, such as `NatsConnection` of
 * `@nats-io/transport-node`.
 */
export const InjectNatsAuthConnection = (name?: string) => Inject(getNatsAuthConnectionToken(name));

/** Injects the `NatsAuthService` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthService = (name?: string) => Inject(getNatsAuthServiceToken(name));

/** Injects the `NatsAuthHealthIndicator` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthHealthIndicator = (name?: string) => Inject(getNatsAuthHealthIndicatorToken(name));

/** @internal */
export const getRegistrationToken = (name: string): string => token('NatsAuthRegistration', name);

/** @internal The token of the provider that the registration of a token waits for; `undefined` for a token of another kind. */
export const providerTokenOf = (registration: InjectionToken): string | undefined => {
  const [, name] = /^NatsAuthRegistration\((.*)\)$/s.exec(String(registration)) ?? [];
  return name === undefined ? undefined : getUserInfoProviderToken(name);
};

/** @internal Of the registration that a module holds. It is what Nest shows when a class of this package is listed as a provider. */
export const REGISTRATION =
  'registration of NatsAuthModule (import NatsAuthModule.forRoot(), and list no class of it as a provider)';

/** @internal It is what Nest shows when the module is not imported. */
export const REGISTRY = 'NatsAuthModule of nestjs-nats-auth (is NatsAuthModule.forRoot() imported?)';
