import { Inject } from '@nestjs/common';

/** The name of a registration that was given none. */
export const DEFAULT_NAME = 'default';

// Symbols of the global registry stay the same when an app loads both the ESM and the CommonJS build.
const token = (kind: string, name: string) => Symbol.for(`nestjs-nats-auth:${kind}:${name}`);

/** Token of a registration's `NatsAuthServer`. */
export const getNatsAuthServerToken = (name = DEFAULT_NAME): symbol => token('server', name);

/** Token of a registration's `NatsAuthClient`. */
export const getNatsAuthClientToken = (name = DEFAULT_NAME): symbol => token('client', name);

/** Token of a registration's `NatsAuthService`. */
export const getNatsAuthServiceToken = (name = DEFAULT_NAME): symbol => token('service', name);

/** Token of a registration's `NatsAuthHealthIndicator`. */
export const getNatsAuthHealthIndicatorToken = (name = DEFAULT_NAME): symbol => token('health', name);

/**
 * Token of a registration's `UserInfoProvider`; override it in `Test.createTestingModule()` to test without the real
 * source of credentials.
 */
export const getUserInfoProviderToken = (name = DEFAULT_NAME): symbol => token('user-info-provider', name);

/** Injects the `NatsAuthServer` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthServer = (name?: string) => Inject(getNatsAuthServerToken(name));

/** Injects the `NatsAuthClient` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthClient = (name?: string) => Inject(getNatsAuthClientToken(name));

/** Injects the `NatsAuthService` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthService = (name?: string) => Inject(getNatsAuthServiceToken(name));

/** Injects the `NatsAuthHealthIndicator` of the registration `name`; default: the registration without a name. */
export const InjectNatsAuthHealthIndicator = (name?: string) => Inject(getNatsAuthHealthIndicatorToken(name));

/** @internal */
export const getRegistrationToken = (name: string): symbol => token('registration', name);

/** @internal Its description is what Nest shows when the module is not imported. */
export const REGISTRY = Symbol.for(
  'NatsAuthModule of nestjs-nats-auth (is NatsAuthModule.forRoot() imported?)',
);
