import { type NatsAuthService, type Role, SuspectedRejectionError } from 'nestjs-nats-auth';

import type { ServiceView } from '../page/system-view.js';
import type { Journal } from './journal.js';

/** Watches one service through the events that `nestjs-nats-auth` tells. */
export class ObservedService {
  revoked = false;
  #failuresInARow = 0;
  readonly #counts = { refreshes: 0, refreshFailures: 0, rejections: 0, rotations: 0, reconnects: 0 };
  readonly #rotationsByRole = new Map<Role, number>();

  constructor(
    readonly name: string,
    private readonly nats: NatsAuthService,
    journal: Journal,
  ) {
    const counts = this.#counts;
    const milliseconds = (ms: number) => `${ms.toFixed(0)} ms`;
    nats.on('refreshed', ({ reason, durationMs }) => {
      counts.refreshes++;
      this.#failuresInARow = 0;
      journal.add(name, 'refreshed', `token #${counts.refreshes} in ${milliseconds(durationMs)} (${reason})`);
    });
    nats.on('refreshFailed', ({ cause, error, attempt }) => {
      counts.refreshFailures++;
      if (cause === 'cancelled') return;
      this.#failuresInARow++;
      journal.add(name, 'refresh failed', `attempt ${attempt}: ${error.message}`);
    });
    nats.on('rejected', ({ role, error }) => {
      counts.rejections++;
      journal.add(name, 'rejected', `${role}: the server said '${error.serverMessage}'`);
    });
    nats.on('connectFailed', ({ role, error }) => {
      if (!(error instanceof SuspectedRejectionError))
        return journal.add(name, 'unreachable', `${role}: ${error.message}`);
      // The metric counts it as a rejection, too.
      counts.rejections++;
      journal.add(name, 'rejected', `${role}: the server hung up without a word`);
    });
    nats.on('connected', ({ role, kind, server }) => {
      this.#rotationsByRole.set(role, this.#rotationsByRole.get(role) ?? 0);
      if (kind === 'reconnect') counts.reconnects++;
      if (kind !== 'handover') journal.add(name, 'connected', `${role}: ${server} (${kind})`);
    });
    nats.on('disconnected', ({ role }) => journal.add(name, 'disconnected', `${role}: connection lost`));
    nats.on('rotated', ({ role, trigger, outcome, durationMs, error }) => {
      if (outcome === 'failure')
        return journal.add(name, 'failed', `${role}: rotation: ${String(error?.message)}`);
      counts.rotations++;
      this.#rotationsByRole.set(role, (this.#rotationsByRole.get(role) ?? 0) + 1);
      journal.add(
        name,
        'rotated',
        `${role}: moved to token #${counts.refreshes} in ${milliseconds(durationMs)} (${trigger})`,
      );
    });
  }

  /** How often each connection of the service has rotated, at least. */
  get rotationsOfEach(): number {
    return Math.min(...this.#rotationsByRole.values());
  }

  get isConnected(): boolean {
    return Object.values(this.nats.status.connections).every(({ state }) => state === 'connected');
  }

  async rotate(): Promise<void> {
    await this.nats.rotate();
  }

  view(): ServiceView {
    const { connections } = this.nats.status;
    const all = Object.entries(connections);
    const expiries = all.flatMap(([, { userInfo }]) => userInfo?.expiresAt ?? []);
    return {
      name: this.name,
      connections: Object.fromEntries(all.map(([role, { state, server }]) => [role, { state, server }])),
      token: this.#counts.refreshes,
      tokenExpiresAt: expiries.length > 0 ? Math.min(...expiries) : undefined,
      revoked: this.revoked,
      ...this.#counts,
      failuresInARow: this.#failuresInARow,
      trouble: all.find(([, { state }]) => state !== 'connected')?.[1].lastError?.message,
    };
  }
}
