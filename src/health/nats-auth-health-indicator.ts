import { Injectable } from '@nestjs/common';

import { oneOf } from '../../libs/base/index.js';
import type { Role } from '../../libs/credentials/index.js';
import type { ConnectionStatus, NatsAuthService } from '../status/nats-auth-service.js';
import type { HealthState } from './conditions.js';
import type { NatsAuthHealthOptions } from './health-options.js';
import type { HealthProblem } from './health-report.js';
import { healthResult } from './health-result.js';

/**
 * Options of one health check.
 * @public
 */
export interface NatsAuthHealthCheckOptions<
  Degraded extends HealthState = 'up',
> extends NatsAuthHealthOptions {
  /**
   * The `status` of a check that is degraded. `up` passes in every release of `@nestjs/terminus`, `degraded` passes from 12 on, where the
   * whole check is then called degraded, and `down` fails. Default: `up`.
   */
  degradedAs?: Degraded;
}

/**
 * What a health check shows; the form that `@nestjs/terminus` expects.
 * @public
 */
export type NatsAuthHealth<Degraded extends HealthState = 'up'> = Record<
  string,
  {
    /** What `@nestjs/terminus` goes by. */
    status: 'up' | 'down' | Degraded;
    /** How well it is. */
    state: HealthState;
    /** The worst of the problems. */
    reason?: string;
    /** Since when that is so, in ISO 8601. */
    since?: string;
    /** The last error that belongs to it, without secrets. */
    lastError?: string;
    /** All problems, the worst first; absent when there is none. */
    problems?: readonly HealthProblem[];
  } & Partial<Record<Role, ConnectionStatus['state']>>
>;

/**
 * A health indicator for `@nestjs/terminus`. It works without that package, too: `check()` returns a plain object.
 * @public
 */
@Injectable()
export class NatsAuthHealthIndicator {
  /** @internal Made by `NatsAuthModule`. */
  constructor(private readonly nats: NatsAuthService) {}

  /**
   * Down when this instance cannot do its work: a connection, or the first connect, has been down for longer than the grace time, or the
   * server has refused subscriptions of handlers. Degraded when it works and something is wrong: the provider fails, credentials have
   * expired, a rotation fails, and so on; that passes, and is told in `state` and `reason`. What was never used, or was closed by
   * the application, is up.
   * @param key how the result is named. Default: `nats`.
   * @throws {@link OptionsInvalidError} an option is not accepted.
   */
  check<Degraded extends HealthState = 'up'>(
    key = 'nats',
    options: NatsAuthHealthCheckOptions<Degraded> = {},
  ): NatsAuthHealth<Degraded> {
    const { degradedAs = 'up', ...others } = options;
    oneOf<HealthState>('health.degradedAs', degradedAs, ['up', 'degraded', 'down']);
    const report = this.nats.health(others);
    const connections = Object.entries(this.nats.status.connections);
    const result = {
      ...healthResult(report, degradedAs as Degraded),
      ...(Object.fromEntries(connections.map(([role, status]) => [role, status.state])) as Partial<
        Record<Role, ConnectionStatus['state']>
      >),
    };
    return { [key]: result };
  }
}
