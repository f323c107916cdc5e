import { Inject } from '@nestjs/common';

import { token } from '../../module/tokens.js';

/** The name of a callout that was given none. */
export const DEFAULT_CALLOUT_NAME = 'callout';

/** Token of a callout's `NatsAuthCalloutService`. */
export const getNatsAuthCalloutToken = (name = DEFAULT_CALLOUT_NAME): string =>
  token('NatsAuthCalloutService', name);

/** Token of a callout's `NatsAuthCalloutHealthIndicator`. */
export const getNatsAuthCalloutHealthIndicatorToken = (name = DEFAULT_CALLOUT_NAME): string =>
  token('NatsAuthCalloutHealthIndicator', name);

/** Token of a callout's `Authorizer`; override it in `Test.createTestingModule()` to test without the real one. */
export const getAuthorizerToken = (name = DEFAULT_CALLOUT_NAME): string => token('Authorizer', name);

/** Injects the `NatsAuthCalloutService` of the callout `name`; default: the callout without a name. */
export const InjectNatsAuthCallout = (name?: string) => Inject(getNatsAuthCalloutToken(name));

/** Injects the `NatsAuthCalloutHealthIndicator` of the callout `name`; default: the callout without a name. */
export const InjectNatsAuthCalloutHealthIndicator = (name?: string) =>
  Inject(getNatsAuthCalloutHealthIndicatorToken(name));

/** @internal */
export const getCalloutListenerToken = (name: string): string => token('NatsAuthCalloutListener', name);

/** @internal The registration of the user of the system account. */
export const systemNameOf = (name: string): string => `${name}-system`;
