import type { KeyPair, NatsConnectionInternals, ProtocolHandlerConstructor } from './internals.js';

/** The nats.js packages that can lie underneath. */
export type DriverName = 'nats' | '@nats-io/transport-node';

/** One nats.js package, as this library uses it. */
export interface Driver {
  readonly name: DriverName;
  readonly version: string;
  /** What the package exports. */
  readonly main: object;
  readonly ProtocolHandler: ProtocolHandlerConstructor;
  readonly NatsConnection: new (options: object) => NatsConnectionInternals;
  /** The addresses of a name. */
  resolveHost(name: string): Promise<readonly string[]>;
  keyPairFromSeed(seed: Uint8Array): KeyPair;
  /** Makes the driver's Node.js transport the one that new dials use; nats.js keeps one factory for the process. */
  useNodeTransport(): void;
}

/** Which versions of a driver are supported. */
export interface DriverPackage {
  /** The oldest supported version, inclusive. */
  readonly from: readonly [major: number, minor: number];
  /** Which NestJS uses it. */
  readonly usedBy: string;
}

export const DRIVER_PACKAGES: Readonly<Record<DriverName, DriverPackage>> = {
  nats: { from: [2, 18], usedBy: 'NestJS 11' },
  '@nats-io/transport-node': { from: [3, 0], usedBy: 'NestJS 12' },
};
