import { DriverUnsupportedError } from '../errors.js';
import { type Driver, DRIVER_PACKAGES, type DriverName } from './driver.js';
import { importDriver } from './import-driver.js';
import type { KeyPair, NatsConnectionInternals, ProtocolHandlerConstructor } from './internals.js';

/**
 * Loads a driver and checks that its version and its internals are those that this library was built on.
 * @param importModules imports its modules; default: under its own name, as seen from this package.
 * @throws {@link DriverMissingError} {@link DriverUnsupportedError}
 */
export async function loadDriver(name: DriverName, importModules = importDriver[name]): Promise<Driver> {
  const { main, ...modules } = await importModules();
  const core = modules.core as CoreModule;
  const node = modules.transport as TransportModule;
  const version = versionOf(node);
  assertSupported(name, version);
  assertShape(name, version, core, node);
  const transportFactory = {
    factory: () => new node.NodeTransport(),
    dnsResolveFn: node.nodeResolveHost,
  };
  return {
    name,
    version,
    main,
    ProtocolHandler: core.ProtocolHandler,
    NatsConnection: core.NatsConnectionImpl,
    resolveHost: node.nodeResolveHost,
    keyPairFromSeed: (seed) => core.nkeys.fromSeed(seed),
    useNodeTransport: () => core.setTransportFactory(transportFactory),
  };
}

interface CoreModule {
  readonly ProtocolHandler: ProtocolHandlerConstructor;
  readonly NatsConnectionImpl: new (options: object) => NatsConnectionInternals;
  readonly nkeys: { fromSeed(seed: Uint8Array): KeyPair };
  setTransportFactory(factory: object): void;
}

interface TransportModule {
  readonly NodeTransport: new () => object;
  readonly nodeResolveHost: (host: string) => Promise<string[]>;
}

/** As the transport tells servers: there is no package.json beside a bundle. */
function versionOf({ NodeTransport }: Partial<TransportModule>): string {
  const { version } = (NodeTransport ? new NodeTransport() : {}) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

function assertSupported(name: DriverName, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [fromMajor, fromMinor] = DRIVER_PACKAGES[name].from;
  if (major !== fromMajor || minor < fromMinor)
    throw new DriverUnsupportedError(name, version, 'is not supported');
}

const HANDLER_METHODS = [
  'prepare',
  '_doDial',
  'dial',
  'dialLoop',
  'disconnect',
  'disconnected',
  'flush',
  'processInfo',
  'processError',
  'publish',
  'sendSubscriptions',
  'reconnect',
  'isClosed',
  'close',
];

function assertShape(
  name: DriverName,
  version: string,
  core: Partial<CoreModule>,
  node: Partial<TransportModule>,
): void {
  const prototype = (core.ProtocolHandler?.prototype ?? {}) as Record<string, unknown>;
  const missing = [
    ...HANDLER_METHODS.filter((method) => typeof prototype[method] !== 'function').map(
      (m) => `ProtocolHandler.${m}`,
    ),
    ...(['NatsConnectionImpl', 'setTransportFactory'] as const).filter(
      (key) => typeof core[key] !== 'function',
    ),
    ...(['NodeTransport', 'nodeResolveHost'] as const).filter((key) => typeof node[key] !== 'function'),
    ...(typeof core.nkeys?.fromSeed === 'function' ? [] : ['nkeys.fromSeed']),
  ];
  if (missing.length > 0) {
    throw new DriverUnsupportedError(
      name,
      version,
      `lacks ${missing.join(', ')}, which this library builds on`,
    );
  }
}
