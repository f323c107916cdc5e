import type { NatsAuthHealthReport, NatsAuthService, Role } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import type { Registry } from 'prom-client';

import type { World } from './world.js';

const ROLES: readonly Role[] = ['client', 'server'];
const LOOK_EVERY_MS = 5;

/** Holds what the application tells of itself against what the world sees of it, and against itself all the time. */
export class Truth {
  /** Where metrics, status and health differed from each other. */
  readonly lies: string[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #looks = new Set<Promise<void>>();

  constructor(
    private readonly nats: NatsAuthService,
    private readonly registry: Registry,
    private readonly world: World,
  ) {
    this.#timer = setInterval(() => {
      const look = this.#look().finally(() => this.#looks.delete(look));
      this.#looks.add(look);
    }, LOOK_EVERY_MS);
  }

  /** Waits until servers list so many connections, and status, gauges and health tell of those and no others. */
  async agrees(connections: number, when: string): Promise<void> {
    await eventually(
      async () => {
        const [roles, status, gauges] = [await this.world.roles(), this.#status, await this.#gauges()];
        const health = this.healthNow.state;
        const told = `status: ${status.join()}; gauges: ${gauges.join()}; health: ${health}`;
        const agree = status.join() === roles.join() && gauges.join() === roles.join();
        const works = health !== 'down';
        if (agree && roles.length === connections && works === (connections === ROLES.length)) return true;
        throw new Error(`servers list: ${roles.join()}; ${told}`);
      },
      { what: `all to agree on ${connections} connections ${when}`, timeoutMs: 20_000 },
    );
  }

  /** Whether status and gauge say that a role is connected, or that it is not. */
  async says(role: Role, connected: boolean): Promise<boolean> {
    return this.#status.includes(role) === connected && (await this.#gauges()).includes(role) === connected;
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

  /** The health without any patience. */
  get healthNow(): NatsAuthHealthReport {
    return this.nats.health({ graceTime: 0 });
  }

  get #status(): Role[] {
    return ROLES.filter((role) => this.#state(role) === 'connected');
  }

  async #gauges(): Promise<Role[]> {
    const values = await Promise.all(ROLES.map((role) => this.value('connected', { role })));
    return ROLES.filter((_, i) => values[i] === 1);
  }

  async #look(): Promise<void> {
    for (const role of ROLES) {
      const state = this.#state(role);
      const { state: health } = this.healthNow;
      const gauge = await this.value('connected', { role });
      // It changed while the metric was read: the next look is as good.
      if (state !== this.#state(role)) continue;
      if ((state === 'connected') !== (gauge === 1)) this.#lie(`${role} is ${state}, its gauge is ${gauge}`);
      if (state === 'disconnected' && health === 'up') this.#lie(`${role} is ${state}, its health is up`);
    }
  }

  #lie(text: string): void {
    if (this.lies.at(-1) !== text) this.lies.push(text);
  }

  #state(role: Role): string {
    return this.nats.status.connections[role]?.state ?? 'idle';
  }
}
