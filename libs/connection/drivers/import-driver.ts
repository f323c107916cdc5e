import { exportsOf } from '../../base/index.js';
import { DriverMissingError, DriverUnsupportedError } from '../errors.js';
import type { DriverName } from './driver.js';

/** A driver, and those of its modules that this library builds on. */
export interface DriverModules {
  readonly main: object;
  /** Protocol handler, connection and keys: internals. */
  readonly core: object;
  /** The transport of Node.js. */
  readonly transport: object;
}

/** Imports the modules of a driver. */
export type ImportDriver = () => Promise<DriverModules>;

/**
 * How each driver is imported. A bundler takes in what a literal names, and inside of a `try` it may be missing: an application has
 * one of the two. The literals are files, because the drivers have no `exports` and an ES module's import adds no extension.
 * @throws {@link DriverMissingError} {@link DriverUnsupportedError}
 */
export const importDriver: Readonly<Record<DriverName, ImportDriver>> = {
  nats: async () => {
    const main = await importNats();
    try {
      return {
        main,
        core: exportsOf(await import('nats/lib/nats-base-client/internal_mod.js')),
        transport: exportsOf(await import('nats/lib/src/node_transport.js')),
      };
    } catch (cause) {
      throw lacksModules('nats', cause);
    }
  },
  '@nats-io/transport-node': async () => {
    const main = await importTransportNode();
    try {
      return {
        main,
        // The package's own view of nats-core: found also where nats-core is not hoisted.
        core: exportsOf(await import('@nats-io/transport-node/lib/nats-base-client.js')),
        transport: exportsOf(await import('@nats-io/transport-node/lib/node_transport.js')),
      };
    } catch (cause) {
      throw lacksModules('@nats-io/transport-node', cause);
    }
  },
};

async function importNats(): Promise<object> {
  try {
    return exportsOf(await import('nats'));
  } catch (cause) {
    throw new DriverMissingError('nats', cause);
  }
}

async function importTransportNode(): Promise<object> {
  try {
    return exportsOf(await import('@nats-io/transport-node'));
  } catch (cause) {
    throw new DriverMissingError('@nats-io/transport-node', cause);
  }
}

function lacksModules(driver: DriverName, cause: unknown): DriverUnsupportedError {
  return new DriverUnsupportedError(driver, 'unknown', 'lacks modules that this library builds on', {
    cause,
  });
}
