import { DriverMissingError, DriverUnsupportedError } from '../errors.js';
import type { Driver } from './driver.js';
import {
  type DriverEntry,
  type DriverModules,
  type DriverName,
  DRIVERS,
  ImportFailure,
} from './driver-list.js';
import { type CoreModule, missingMembers, type TransportModule } from './members.js';

/**
 * Loads a driver and checks that its version and its internals are those that this library was built on.
 * @param importModules imports its modules; default: under its own name, as seen from this package.
 * @param drivers what is supported; default: {@link DRIVERS}.
 * @throws {@link DriverMissingError} {@link DriverUnsupportedError}
 */
export async function loadDriver(
  name: DriverName,
  importModules?: () => Promise<DriverModules>,
  drivers: readonly DriverEntry[] = DRIVERS,
): Promise<Driver> {
  let unsupported = new DriverUnsupportedError(name, 'unknown', 'is not supported');
  // Of several majors, the modules of one that is not installed may not be there.
  for (const entry of drivers.filter((one) => one.package === name)) {
    try {
      const modules = await (importModules ?? entry.importModules)();
      const version = versionOf(modules.transport);
      if (isSupported(entry, version)) return driverOf(entry, version, modules);
      unsupported = new DriverUnsupportedError(name, version, 'is not supported');
    } catch (error) {
      if (!(error instanceof ImportFailure)) throw error;
      const { what, cause } = error;
      if (what === 'package') throw new DriverMissingError(name, cause);
      const problem = 'lacks modules that this library builds on';
      unsupported = new DriverUnsupportedError(name, 'unknown', problem, { cause });
    }
  }
  throw unsupported;
}

/** @throws {DriverUnsupportedError} naming what it lacks. */
function driverOf({ package: name, quirks }: DriverEntry, version: string, modules: DriverModules): Driver {
  const core = modules.core as CoreModule;
  const node = modules.transport as TransportModule;
  const missing = missingMembers(core, node, quirks);
  if (missing.length > 0) {
    const problem = `lacks ${missing.join(', ')}, which this library builds on`;
    throw new DriverUnsupportedError(name, version, problem);
  }
  const transportFactory = {
    factory: () => new node.NodeTransport(),
    dnsResolveFn: node.nodeResolveHost,
  };
  return {
    name,
    version,
    quirks,
    main: modules.main,
    ProtocolHandler: core.ProtocolHandler,
    NatsConnection: core.NatsConnectionImpl,
    resolveHost: node.nodeResolveHost,
    keyPairFromSeed: (seed) => core.nkeys.fromSeed(seed),
    useNodeTransport: () => core.setTransportFactory(transportFactory),
  };
}

/** As the transport tells servers: there is no package.json beside a bundle. */
function versionOf({ NodeTransport }: { NodeTransport?: new () => object }): string {
  const { version } = (NodeTransport ? new NodeTransport() : {}) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

function isSupported({ from: [fromMajor, fromMinor] }: DriverEntry, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === fromMajor && minor >= fromMinor;
}
