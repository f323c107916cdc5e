import { findNatsServer } from '../../../libs/testing/nats-server/find-nats-server.js';
import type { NatsServer, NatsServerRelease } from '../../../libs/testing/index.js';
import { DRIVERS, type TestedDriver } from '../../drivers/drivers.js';
import { serverForTest } from '../../support/server-for-test.js';

/** A server release and the driver on which the callout and its clients run. */
export interface Lane {
  readonly label: string;
  readonly driver: TestedDriver;
  /** Whether the server asks about `no_auth_user`, as from 2.12.14 and 2.14.4 on. */
  readonly asksAboutNoAuthUser: boolean;
  /** Starts a server of the release that ends with the test. */
  serve(config: string, options?: { jetstream?: boolean }): Promise<NatsServer>;
}

/** The oldest release that has auth callout, and the newest. */
const RELEASES = ['default', 'newest'] as const satisfies NatsServerRelease[];
/** The newest of each driver: their older versions are a matter of `test/drivers`. */
const NEWEST = ['nats', '@nats-io/transport-node'];

export const LANES: readonly Lane[] = (
  await Promise.all(
    RELEASES.map(async (release) => {
      // Its tests fail with the reason, and say how to provide one.
      const version = await findNatsServer(release).then(
        (found) => found.version,
        () => `${release} (none)`,
      );
      return DRIVERS.filter(({ packageName }) => NEWEST.includes(packageName)).map((driver): Lane => ({
        // vitest cuts off what has more than 40 characters.
        label: `server ${version}, ${driver.label.replace('@nats-io/', '')}`,
        driver,
        asksAboutNoAuthUser: release === 'newest',
        serve: (config, options) => serverForTest({ release, config, ...options }),
      }));
    }),
  )
).flat();
