import type { DriverName, DriverQuirks } from './driver-list.js';
import type { KeyPair, NatsConnectionInternals, ProtocolHandlerConstructor } from './internals.js';

/** One nats.js package, as this library uses it. */
export interface Driver {
  readonly name: DriverName;
  readonly version: string;
  readonly quirks: DriverQuirks;
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
