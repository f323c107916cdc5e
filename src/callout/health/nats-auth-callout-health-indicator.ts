import { Injectable } from '@nestjs/common';

import { oneOf } from '../../../libs/base/index.js';
import type { HealthState } from '../../health/conditions.js';
import { healthResult } from '../../health/health-result.js';
import type { NatsAuthCalloutService } from '../nats-auth-callout-service.js';
import type { CalloutHealthProblem, NatsAuthCalloutHealthOptions } from './callout-health.js';

/**
 * Options of one health check.
 * @public
 */
export interface NatsAuthCalloutHealthCheckOptions<
  Degraded extends HealthState = 'up',
> extends NatsAuthCalloutHealthOptions {
  /** The `status` of a check that is degraded, as `NatsAuthHealthIndicator` has it. Default: `up`. */
  degradedAs?: Degraded;
}

/**
 * What a health check shows; the form that `@nestjs/terminus` expects.
 * @public
 */
export type NatsAuthCalloutHealth<Degraded extends HealthState = 'up'> = Record<
  string,
  {
    /** What `@nestjs/terminus` goes by. */
    status: 'up' | 'down' | Degraded;
    /** How well it is. */
    state: HealthState;
    /** Whether servers can reach it at this moment. */
    listening: boolean;
    /** The worst of the problems. */
    reason?: string;
    /** Since when that is so, in ISO 8601. */
    since?: string;
    /** The last error that belongs to it, without secrets. */
    lastError?: string;
    /** All problems, the worst first; absent when there is none. */
    problems?: readonly CalloutHealthProblem[];
  }
>;

/**
 * A health indicator of a callout for `@nestjs/terminus`. It works without that package, too: `check()` returns a plain object.
 * @public
 */
@Injectable()
export class NatsAuthCalloutHealthIndicator {
  /** @internal Made by `NatsAuthCalloutModule`. */
  constructor(private readonly callout: NatsAuthCalloutService) {}

  /**
   * Down when no server can ask this instance: it does not listen, or its connection is down for longer than the grace time. Degraded when it listens and something is wrong: the
   * authorizer fails, servers do not accept its answers or ask in a way that it does not understand, clients wait too long, or something is wrong with its connection.
   * @param key how the result is named. Default: `callout`.
   * @throws {@link OptionsInvalidError} an option is not accepted.
   */
  check<Degraded extends HealthState = 'up'>(
    key = 'callout',
    options: NatsAuthCalloutHealthCheckOptions<Degraded> = {},
  ): NatsAuthCalloutHealth<Degraded> {
    const { degradedAs = 'up' as Degraded, ...others } = options;
    oneOf<HealthState>('health.degradedAs', degradedAs, ['up', 'degraded', 'down']);
    const result = healthResult(this.callout.health(others), degradedAs);
    return { [key]: { ...result, listening: this.callout.status.listening } };
  }
}
