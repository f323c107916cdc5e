import { exportsOf } from '../../base/index.js';
import type { NatsConnectionInternals, ProtocolHandlerInternals } from './internals.js';

/** The nats.js packages that can lie underneath. */
export type DriverName = 'nats' | '@nats-io/transport-node';

/** A driver, and those of its modules that this library builds on. */
export interface DriverModules {
  readonly main: object;
  /** Protocol handler, connection and keys: internals. */
  readonly core: object;
  /** The transport of Node.js. */
  readonly transport: object;
}

/** What differs between the drivers beside the names of their modules. */
export interface DriverQuirks {
  /** Internals that this driver has and others lack. */
  readonly own: {
    readonly handler: readonly (keyof ProtocolHandlerInternals)[];
    readonly connection: readonly (keyof NatsConnectionInternals)[];
  };
  /** Lets who follows `status()` of a connection hear of what its protocol handler tells. */
  shareStatus(connection: NatsConnectionInternals, handler: ProtocolHandlerInternals): void;
  /** NestJS loads the package with `createRequire()`, which bundlers cannot see, and takes what was loaded before. */
  readonly nestRequires: boolean;
}

/** One major of a nats.js package. */
export interface DriverEntry {
  readonly package: DriverName;
  /** The oldest supported version, inclusive; newer minors of this major are supported. */
  readonly from: readonly [major: number, minor: number];
  /** Which NestJS uses it. */
  readonly usedBy: string;
  readonly quirks: DriverQuirks;
  /** @throws {ImportFailure} */
  readonly importModules: () => Promise<DriverModules>;
}

/**
 * Everything that depends on the version of a driver; a further major of a package is one more entry.
 *
 * A bundler takes in what a literal names, and inside of a `try` it may be missing: an application has one of the packages. The literals
 * are files, because the drivers have no `exports` and an ES module's import adds no extension.
 */
export const DRIVERS: readonly [DriverEntry, ...DriverEntry[]] = [
  {
    package: 'nats',
    from: [2, 18],
    usedBy: 'NestJS 11',
    quirks: {
      own: { handler: ['_close'], connection: ['listeners'] },
      // The `connect()` of nats.js 2.x, which is not used here, does so.
      shareStatus: (connection, handler) => {
        if (connection.listeners) handler.listeners = connection.listeners;
      },
      nestRequires: false,
    },
    importModules: async () => {
      let main: object;
      try {
        main = exportsOf(await import('nats'));
      } catch (cause) {
        throw new ImportFailure('package', cause);
      }
      try {
        return {
          main,
          core: exportsOf(await import('nats/lib/nats-base-client/internal_mod.js')),
          transport: exportsOf(await import('nats/lib/src/node_transport.js')),
        };
      } catch (cause) {
        throw new ImportFailure('internals', cause);
      }
    },
  },
  {
    package: '@nats-io/transport-node',
    from: [3, 0],
    usedBy: 'NestJS 12',
    quirks: {
      own: { handler: [], connection: [] },
      shareStatus: () => {},
      nestRequires: true,
    },
    importModules: async () => {
      let main: object;
      try {
        main = exportsOf(await import('@nats-io/transport-node'));
      } catch (cause) {
        throw new ImportFailure('package', cause);
      }
      try {
        return {
          main,
          // The package's own view of nats-core: found also where nats-core is not hoisted.
          core: exportsOf(await import('@nats-io/transport-node/lib/nats-base-client.js')),
          transport: exportsOf(await import('@nats-io/transport-node/lib/node_transport.js')),
        };
      } catch (cause) {
        throw new ImportFailure('internals', cause);
      }
    },
  },
];

/** A package, or a module of it, cannot be imported. */
export class ImportFailure extends Error {
  constructor(
    readonly what: 'package' | 'internals',
    cause: unknown,
  ) {
    super(`The ${what} of a driver cannot be imported.`, { cause });
  }
}

/** The npm range of an entry's versions. */
export function rangeOf({ from }: DriverEntry): string {
  return `^${from.join('.')}.0`;
}

/** The npm range of the supported versions of a package. */
export function rangeOfPackage(name: DriverName): string {
  return DRIVERS.filter((entry) => entry.package === name)
    .map(rangeOf)
    .join(' || ');
}

/** The package that the source of NestJS's own transport names; the name of the older one is a part of the newer one's. */
export function packageNamedIn(source: string): DriverName {
  const named = DRIVERS.filter((entry) => source.includes(entry.package));
  return (named.at(-1) ?? DRIVERS[0]).package;
}
