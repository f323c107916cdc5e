import { createRequire } from 'node:module';

import { type Driver, type DriverName, loadDriver } from '../../libs/connection/index.js';
import { importModules } from './import-modules.mjs';

const load = createRequire(import.meta.url);

/** A driver as the contract tests use it, with its own `connect()` for plain connections beside ours. */
export interface TestedDriver {
  readonly label: string;
  readonly driver: Driver;
  /** Under which name package.json installs it. */
  readonly packageName: string;
  readonly plainConnect: (options: object) => Promise<PlainConnection>;
}

/** The part of a nats.js connection that both drivers have and the tests use. */
export interface PlainConnection {
  publish(subject: string, data?: string | Uint8Array): void;
  subscribe(
    subject: string,
    options: { queue?: string; callback: (error: unknown, message: PlainMessage) => void },
  ): { unsubscribe(): void; drain(): Promise<void> };
  request(
    subject: string,
    data?: string,
    options?: { timeout: number; noMux?: boolean },
  ): Promise<PlainMessage>;
  flush(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
  status(): AsyncIterable<{ readonly type: string }>;
}

export interface PlainMessage {
  readonly subject: string;
  respond(data?: string): boolean;
  string(): string;
}

/** The oldest and the newest supported version of both drivers; package.json installs them side by side. */
export const DRIVERS: readonly TestedDriver[] = await Promise.all([
  tested('nats', 'nats-oldest'),
  tested('nats', 'nats'),
  tested('@nats-io/transport-node', 'transport-node-oldest'),
  tested('@nats-io/transport-node', '@nats-io/transport-node'),
]);

async function tested(name: DriverName, packageName: string): Promise<TestedDriver> {
  const driver = await loadDriver(name, importModules(name, packageName));
  const { connect } = load(packageName) as { connect: TestedDriver['plainConnect'] };
  return { label: `${name}@${driver.version}`, driver, packageName, plainConnect: connect };
}
