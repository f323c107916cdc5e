import type { KeyPair, NatsConnectionInternals, ProtocolHandlerConstructor } from './internals.js';

/** The nats.js packages that can lie underneath. */
export type DriverName = 'nats' | '@nats-io/transport-node';

/** One nats.js package, as this library uses it. */
export interface Driver {
  readonly name: DriverName;
  readonly version: string;
  readonly ProtocolHandler: ProtocolHandlerConstructor;
  readonly NatsConnection: new (options: object) => NatsConnectionInternals;
  /** The addresses of a name. */
  resolveHost(name: string): Promise<readonly string[]>;
  keyPairFromSeed(seed: Uint8Array): KeyPair;
  /** Makes the driver's Node.js transport the one that new dials use; nats.js keeps one factory for the process. */
  useNodeTransport(): void;
}

/** Which versions of a driver are supported, and where in the package its internals lie. */
export interface DriverPackage {
  /** The oldest supported version, inclusive. */
  readonly from: readonly [major: number, minor: number];
  readonly internals: string;
  readonly transport: string;
  /** Which NestJS uses it. */
  readonly usedBy: string;
}

export const DRIVER_PACKAGES: Readonly<Record<DriverName, DriverPackage>> = {
  nats: {
    from: [2, 18],
    internals: 'lib/nats-base-client/internal_mod',
    transport: 'lib/src/node_transport',
    usedBy: 'NestJS 11',
  },
  '@nats-io/transport-node': {
    from: [3, 0],
    // The package's own view of nats-core: found also where nats-core is not hoisted.
    internals: 'lib/nats-base-client',
    transport: 'lib/node_transport',
    usedBy: 'NestJS 12',
  },
};
