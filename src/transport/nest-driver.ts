import { ServerNats } from '@nestjs/microservices';

import { type Driver, type DriverName, loadDriver } from '../../libs/connection/index.js';

/**
 * Loads the nats.js package that the installed NestJS itself uses: `nats` under 11, `@nats-io/transport-node` under 12.
 * NestJS exposes no version, but its transport names the package it loads.
 */
export function nestDriver(): Driver {
  const source = ServerNats.prototype.createNatsClient.toString() + ServerNats.toString();
  const driver: DriverName = source.includes('@nats-io/transport-node') ? '@nats-io/transport-node' : 'nats';
  return loadDriver(driver);
}
