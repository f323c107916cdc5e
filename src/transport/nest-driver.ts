import { ServerNats } from '@nestjs/microservices';

import { type Driver, type DriverName, loadDriver } from '../../libs/connection/index.js';

/**
 * Loads the nats.js package that the installed NestJS itself uses: `nats` under 11, `@nats-io/transport-node` under 12.
 * NestJS exposes no version, but its transport names the package it loads.
 * @throws {@link DriverMissingError} {@link DriverUnsupportedError}
 */
export async function nestDriver(): Promise<Driver> {
  const server = ServerNats.prototype as unknown as StockServer;
  const source = server.createNatsClient.toString() + ServerNats.toString();
  const name: DriverName = source.includes('@nats-io/transport-node') ? '@nats-io/transport-node' : 'nats';
  const driver = await loadDriver(name);
  // The client of NestJS 12 loads it with `createRequire()`, which bundlers cannot see: it takes what was loaded before.
  if (name === '@nats-io/transport-node') await server.loadPackage(name, 'NatsAuth', () => driver.main);
  return driver;
}

/** What `ServerNats` keeps private to the compiler. */
interface StockServer {
  createNatsClient(): unknown;
  /** Gives what was loaded under that name before, in NestJS 12; else calls the loader. */
  loadPackage(name: string, context: string, loader: () => object): unknown;
}
