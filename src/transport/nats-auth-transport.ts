import type { InjectionToken } from '@nestjs/common';
import type { CustomStrategy } from '@nestjs/microservices';

import type { Registry } from '../module/registry.js';
import { DEFAULT_NAME, REGISTRY } from '../module/tokens.js';

/** What `createMicroservice()` and `connectMicroservice()` take to get a strategy out of dependency injection. */
export interface NatsAuthTransport {
  /** The token of what knows all registrations. */
  inject: InjectionToken[];
  /** Finds the strategy of the registration; it is given what `inject` names. */
  useFactory: (registry: unknown) => CustomStrategy;
}

/**
 * The options for `NestFactory.createMicroservice()` and `app.connectMicroservice()`: the transport strategy of the
 * registration `name`. The application must import its `NatsAuthModule`.
 * @throws {@link OptionsInvalidError} when the application starts and no registration has that name, or it is the name of a callout: what a
 * `NatsAuthCalloutModule` registers serves no microservice.
 * @public
 */
export function natsAuthTransport(name = DEFAULT_NAME): NatsAuthTransport {
  return {
    inject: [REGISTRY],
    useFactory: (registry) => ({ strategy: (registry as Registry).server(name) }),
  };
}
