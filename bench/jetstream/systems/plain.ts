import type { MintedUser } from '../../../test/support/operator-mode.js';
import type { System, SystemOptions } from './system.js';

/** Newer credentials are there after this part of the lifetime, as of this package. */
const AHEAD = 0.8;

/**
 * nats.js as its documentation has it for credentials that change: an authenticator that gives the newest, and `reconnect()`. Its
 * wait before a dial is set to the shortest, which favours it.
 */
export async function openPlain({ driver, servers, name, mint }: SystemOptions): Promise<System> {
  let newest: MintedUser = await mint();
  const nc = await driver.connect({ servers, name, reconnectTimeWait: 1, reconnectJitter: 0 }, () => newest);
  const tookMs: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const rotate = async () => {
    newest = await mint();
    rotateAhead();
    const startedAt = performance.now();
    const back = reconnected(nc.status());
    await nc.reconnect();
    await back;
    tookMs.push(performance.now() - startedAt);
  };
  const rotateAhead = () => {
    clearTimeout(timer);
    if (newest.expiresAt === undefined) return;
    timer = setTimeout(() => void rotate().catch(() => {}), (newest.expiresAt - Date.now()) * AHEAD);
  };
  rotateAhead();
  return {
    nc,
    rotate,
    tookMs,
    failedRotations: 0,
    close: async () => {
      clearTimeout(timer);
      await nc.close();
    },
  };
}

async function reconnected(status: AsyncIterable<{ readonly type: string }>): Promise<void> {
  for await (const { type } of status) if (type === 'reconnect') break;
}
