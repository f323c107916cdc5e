import { type Clock, sleep } from '../../libs/base/index.js';
import type { UserInfo, UserInfoProvider } from '../../libs/credentials/index.js';

/** How long it takes to answer, in ms. */
const ANSWER_MS = 50;

/** The identity provider of the fleet: mints tokens, counts requests by the second, and may be down. */
export class IdentityProvider implements UserInfoProvider {
  down = false;
  /** Requests in each second since the start. */
  readonly perSecond: Uint32Array;

  constructor(
    private readonly clock: Clock,
    private readonly lifetimeMs: number,
    private readonly startAt: number,
    seconds: number,
  ) {
    this.perSecond = new Uint32Array(seconds);
  }

  async getUserInfo({ signal }: { signal: AbortSignal }): Promise<UserInfo> {
    const second = Math.floor((this.clock.now() - this.startAt) / 1_000);
    this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
    await sleep(this.clock, ANSWER_MS, signal);
    if (this.down) throw new Error('503 Service Unavailable');
    return { token: 'minted', expiresAt: this.clock.now() + this.lifetimeMs };
  }
}
