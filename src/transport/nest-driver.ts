import { ServerNats } from '@nestjs/microservices';

import { type Driver, loadDriver, packageNamedIn } from '../../libs/connection/index.js';

/**
 * Loads the nats.js package that the installed NestJS itself uses.
 * NestJS exposes no version, but its transport names the package it loads.
 * @throws {@link DriverMissingError} {@link DriverUnsupportedError}
 */
export async function nestDriver(): Promise<Driver> {
  const server = ServerNats.prototype as unknown as StockServer;
  const source = server.createNatsClient.toString() + ServerNats.toString();
  const driver = await loadDriver(packageNamedIn(source));
  if (driver.quirks.nestRequires) await server.loadPackage(driver.name, 'NatsAuth', () => driver.main);
  return driver;
}

/** What `ServerNats` keeps private to the compiler. */
interface StockServer {
  createNatsClient(): unknown;
  /** Gives what was loaded under that name before; else calls the loader. */
  loadPackage(name: string, context: string, loader: () => object): unknown;
}
