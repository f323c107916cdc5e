import type { RefreshOptions } from '../../libs/credentials/index.js';
import { Cluster } from './cluster.js';
import { CoarseClock } from './coarse-clock.js';
import { IdentityProvider } from './identity-provider.js';
import { Instance } from './instance.js';
import { seeded } from './random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The instances were started at random moments of these hours before the day, as releases and autoscaling do it. */
const BEFORE_THE_DAY = 6 * HOUR;
const LIFETIME = HOUR;
const OUTAGE = { at: 4 * HOUR, for: 10 * MINUTE };
const RESTART = { at: 8 * HOUR, for: 20_000 };
const SEED = 20_261_123;

/** The requests of a day to the identity provider, in each second of it. */
export async function simulateDay(instances: number, refresh: RefreshOptions): Promise<Uint32Array> {
  const startAt = Date.UTC(2030, 0, 1) - BEFORE_THE_DAY;
  const clock = new CoarseClock(startAt);
  const random = seeded(SEED);
  const cluster = new Cluster();
  // One more second than the day has: what happens at midnight.
  const seconds = (BEFORE_THE_DAY + 24 * HOUR) / 1_000 + 1;
  const provider = new IdentityProvider(clock, LIFETIME, startAt, seconds);
  const at = (timeOfDay: number, happens: () => void) => clock.after(BEFORE_THE_DAY + timeOfDay, happens);
  at(OUTAGE.at, () => (provider.down = true));
  at(OUTAGE.at + OUTAGE.for, () => (provider.down = false));
  at(RESTART.at, () => cluster.stop());
  at(RESTART.at + RESTART.for, () => cluster.start());
  for (let n = 0; n < instances; n++) {
    const instance = new Instance(`instance-${n}`, { clock, random, provider, cluster, refresh });
    clock.after(random() * BEFORE_THE_DAY, () => void instance.run());
  }
  await clock.advance(BEFORE_THE_DAY + 24 * HOUR);
  return provider.perSecond.subarray(BEFORE_THE_DAY / 1_000, -1);
}
