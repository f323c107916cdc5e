import { OptionsInvalidError } from '../../libs/base/index.js';
import type { MetricsRegistry } from '../../libs/metrics/index.js';

/** A path where registries are served. */
export class MetricsPlace {
  readonly #registries: MetricsRegistry[] = [];

  constructor(readonly path: string) {}

  get registries(): readonly MetricsRegistry[] {
    return this.#registries;
  }

  /**
   * Registrations may share a place, and a registry in it.
   * @throws {@link OptionsInvalidError} when another registry there has a metric of the same name: no scraper takes that.
   */
  add(registry: MetricsRegistry): void {
    if (this.#registries.includes(registry)) return;
    const taken = new Set(this.#registries.flatMap(namesIn));
    const twice = namesIn(registry).find((name) => taken.has(name));
    if (twice !== undefined) {
      throw new OptionsInvalidError(
        'metrics.registry',
        `'${this.path}' would serve '${twice}' of two registries: use one registry, or give one of them a prefix or a path of its own.`,
      );
    }
    this.#registries.push(registry);
  }
}

function namesIn(registry: MetricsRegistry): string[] {
  return (registry.getMetricsAsArray() as { name: string }[]).map(({ name }) => name);
}
