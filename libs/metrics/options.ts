import { duration, knownKeys, OptionsInvalidError } from '../credentials/index.js';
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
  /** Serves the registry from the application's own HTTP server, or names the path of `port`. Default: none. */
  path?: string;
  /** Opens a small HTTP listener of its own, for an application without a server. Default: none. */
  port?: number;
  /** The address that `port` listens on. Default: `127.0.0.1`. */
  host?: string;
}

/** @throws {@link OptionsInvalidError} */
export function metricsSettings(options: MetricsOptions): MetricsOptions & { readonly prefix: string } {
  knownKeys('metrics', options, ['registry', 'prefix', 'path', 'port', 'host']);
  const { registry, prefix = 'nats_auth_', path, port, host } = options;
  if (
    registry !== undefined &&
    typeof (registry as Partial<MetricsRegistry>).getSingleMetric !== 'function'
  ) {
    throw new OptionsInvalidError('metrics.registry', 'expected a Registry of prom-client.');
  }
  if (typeof prefix !== 'string' || !/^[a-zA-Z_:][a-zA-Z0-9_:]*$|^$/.test(prefix)) {
    throw new OptionsInvalidError(
      'metrics.prefix',
      'expected letters, digits, underscores and colons, not beginning with a digit.',
    );
  }
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw new OptionsInvalidError('metrics.path', `expected a path such as '/metrics'.`);
  }
  if (port !== undefined && (!Number.isInteger(port) || duration('metrics.port', port, 1) > 65_535)) {
    throw new OptionsInvalidError('metrics.port', `expected a port from 1 to 65535, got ${port}.`);
  }
  if (host !== undefined && port === undefined) {
    throw new OptionsInvalidError('metrics.host', `needs 'metrics.port' beside it.`);
  }
  return { ...options, prefix };
}
