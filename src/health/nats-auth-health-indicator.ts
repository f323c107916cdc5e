import { Injectable } from '@nestjs/common';

import type { Role } from '../../libs/credentials/index.js';
import type { ConnectionStatus, NatsAuthService } from '../status/nats-auth-service.js';

/**
 * Options of one health check.
 * @public
 */
export interface NatsAuthHealthOptions {
  /** How long a connection may be down before it counts, in ms. Default: 10,000. */
  graceTime?: number;
}

/**
 * What a health check shows; the form that `@nestjs/terminus` expects.
 * @public
 */
export type NatsAuthHealth = Record<
  string,
  { status: 'up' | 'down'; reason?: string; lastError?: string } & Partial<
    Record<Role, ConnectionStatus['state']>
  >
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
   * Down when a connection has been down for longer than the grace time, when its credentials have expired and the
   * last refresh failed, or when the server has refused subscriptions of handlers. A first connect has the grace time, too. What was never used, or was closed by the application,
   * is up.
   * @param key how the result is named. Default: `nats`.
   */
  check(key = 'nats', { graceTime = 10_000 }: NatsAuthHealthOptions = {}): NatsAuthHealth {
    const { connections, lastError } = this.nats.status;
    const roles = Object.entries(connections) as [Role, ConnectionStatus][];
    const states = Object.fromEntries(roles.map(([role, { state }]) => [role, state]));
    for (const [role, status] of roles) {
      const reason = this.#reason(role, status, graceTime);
      if (reason === undefined) continue;
      const { message } = status.lastError ?? lastError ?? {};
      return { [key]: { status: 'down', reason, lastError: message, ...states } };
    }
    return { [key]: { status: 'up', ...states } };
  }

  #reason(role: Role, status: ConnectionStatus, graceTime: number): string | undefined {
    const { state, userInfo, refusedSubscriptions = [] } = status;
    const downMs = this.nats.downMs(role);
    if (downMs !== undefined && downMs > graceTime) {
      return `the ${role} connection has been ${state} for ${Math.round(downMs / 1_000)} s`;
    }
    if (refusedSubscriptions.length > 0) {
      const what = role === 'server' ? 'handlers are not subscribed' : 'replies to requests do not arrive';
      return `${role} connection: ${what}: ${refusedSubscriptions.join('; ')}`;
    }
    const expired = userInfo?.expiresAt !== undefined && userInfo.expiresAt < Date.now();
    return expired && this.nats.status.lastError
      ? `the credentials of the ${role} connection have expired and cannot be refreshed`
      : undefined;
  }
}
