import { DriverMismatchError, type DriverName } from '../../libs/connection/index.js';

/** What the connections of the other driver have, or what its packages expect of a connection: each is where such a mistake shows first. */
const MEMBERS_OF_OTHER: Readonly<Record<DriverName, readonly string[]>> = {
  nats: ['addCloseListener', 'removeCloseListener'],
  '@nats-io/transport-node': ['jetstream', 'jetstreamManager', 'services'],
};

/**
 * Where both drivers are installed, a connection of one can be given to the packages of the other, or used as one of it. Lets that fail with a
 * reason instead of a `TypeError` out of nats.js.
 */
export function refuseOtherDriver(nc: object, driver: DriverName): void {
  for (const member of MEMBERS_OF_OTHER[driver]) {
    if (member in nc) continue;
    const get = () => {
      throw new DriverMismatchError(driver, member);
    };
    Object.defineProperty(nc, member, { get, configurable: true });
  }
}
