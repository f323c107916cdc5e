import { describeValue, knownKeys, OptionsInvalidError } from '../base/index.js';
import type { MetricsRegistry } from './prometheus.js';

/**
 * Where the metrics go.
 * @public
 */
export interface MetricsOptions {
  /** A registry of `prom-client`. Default: its default registry. */
  registry?: MetricsRegistry;
  /** Begins the names of all metrics. Default: `nats_auth_`. */
  prefix?: string;
  /**
   * Serves the registry from the application's own HTTP server; beside `port` it is the path of that listener instead.
   * A global prefix, guards and interceptors do not apply to it, middleware does. Default: none.
   */
  path?: string;
  /** Opens a small HTTP listener, from 1 to 65535, for an application without a server. Default: none. */
  port?: number;
  /** The address that `port` listens on. Default: `127.0.0.1`. */
  host?: string;
}

/** `MetricsOptions` that were checked. */
export type MetricsSettings = MetricsOptions & { readonly prefix: string };

const CHECKS: Readonly<
  Record<keyof MetricsOptions, { accepted: string; accepts: (value: unknown) => boolean }>
> = {
  registry: {
    accepted: 'a Registry of prom-client',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      (['metrics', 'getSingleMetric', 'getMetricsAsArray'] as const).every(
        (method) => typeof (value as Partial<MetricsRegistry>)[method] === 'function',
      ),
  },
  prefix: {
    accepted: 'letters, digits, underscores and colons, not beginning with a digit',
    accepts: (value) => typeof value === 'string' && /^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(value),
  },
  path: {
    accepted: `a path such as '/metrics'`,
    accepts: (value) => typeof value === 'string' && /^\/[^\s?#]*$/.test(value),
  },
  port: {
    accepted: 'a port from 1 to 65535',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535,
  },
  host: {
    accepted: `a host name or an address, such as '0.0.0.0'`,
    accepts: (value) => typeof value === 'string' && /^\S+$/.test(value),
  },
};

/** @throws {@link OptionsInvalidError} */
export function metricsSettings(options: MetricsOptions = {}): MetricsSettings {
  const names = Object.keys(CHECKS) as (keyof MetricsOptions)[];
  knownKeys('metrics', options, names);
  for (const name of names) {
    const value: unknown = options[name];
    const { accepted, accepts } = CHECKS[name];
    if (value !== undefined && !accepts(value)) throw unacceptable(name, accepted, value);
  }
  if (options.host !== undefined && options.port === undefined)
    throw new OptionsInvalidError('metrics.host', `needs 'metrics.port' beside it.`);
  return { ...options, prefix: options.prefix ?? 'nats_auth_' };
}

function unacceptable(name: string, accepted: string, value: unknown): OptionsInvalidError {
  return new OptionsInvalidError(
    `metrics.${name}`,
    `expected ${accepted}, got ${describeValue(value, 'text')}.`,
  );
}
