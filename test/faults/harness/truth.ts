import { type NatsAuthHealthIndicator, type NatsAuthService, type Role } from 'nestjs-nats-auth';
import type { Registry } from 'prom-client';

const ROLES: readonly Role[] = ['server', 'client'];
const LOOK_EVERY_MS = 5;

/** Holds metrics, status and health against each other all the time, and notes where they differ. */
export class Truth {
  readonly lies: string[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #looks = new Set<Promise<void>>();

  constructor(
    private readonly nats: NatsAuthService,
    private readonly health: NatsAuthHealthIndicator,
    private readonly registry: Registry,
  ) {
    this.#timer = setInterval(() => {
      const look = this.#look().finally(() => this.#looks.delete(look));
      this.#looks.add(look);
    }, LOOK_EVERY_MS);
  }

  /** Whether everything says that a role is connected, or that it is not. */
  async says(role: Role, connected: boolean): Promise<boolean> {
    return (
      (this.#state(role) === 'connected') === connected &&
      (await this.value('connected', { role })) === Number(connected)
    );
  }

  /** Whether the health indicator, without any patience, calls the registration up. */
  get healthy(): boolean {
    return this.health.check('nats', { graceTime: -1 })['nats']?.status === 'up';
  }

  /** The sum of all series of a metric that have these labels. */
  async value(name: string, labels: Record<string, string>): Promise<number> {
    const metric = await this.registry.getSingleMetric(`nats_auth_${name}`)?.get();
    const matching = (metric?.values ?? []).filter(({ labels: its }) =>
      Object.entries(labels).every(([label, value]) => its[label] === value),
    );
    if (!metric || matching.length === 0) throw new Error(`There is no metric '${name}' with such labels.`);
    return matching.reduce((sum, { value }) => sum + value, 0);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#looks);
  }

  async #look(): Promise<void> {
    for (const role of ROLES) {
      const state = this.#state(role);
      const healthy = this.healthy;
      const gauge = await this.value('connected', { role });
      // It changed while the metric was read: the next look is as good.
      if (state !== this.#state(role)) continue;
      if ((state === 'connected') !== (gauge === 1)) this.#lie(`${role} is ${state}, its gauge is ${gauge}`);
      if (state === 'disconnected' && healthy) this.#lie(`${role} is ${state}, its health is up`);
    }
  }

  #lie(text: string): void {
    if (this.lies.at(-1) !== text) this.lies.push(text);
  }

  #state(role: Role): string {
    return this.nats.status.connections[role]?.state ?? 'idle';
  }
}
