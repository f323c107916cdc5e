import { type Clock, sleep } from '../../credentials/index.js';
import type { Live } from './establish.js';
import type { ProbeConnection } from './interest.js';
import type { Session } from './session.js';

/**
 * Takes no new work on a connection, and waits until the work under way has ended and the server has all that came of it. It waits no
 * longer than `timeoutMs`, until `stop` aborts, or until the connection is closed.
 * @returns for how long it waited, in ms.
 */
export async function finishWork(
  { connection, nc, session }: Live<Pick<ProbeConnection, 'flush'>, Session>,
  timeoutMs: number,
  stop: AbortSignal,
  clock: Clock,
): Promise<number> {
  const startedAt = performance.now();
  const over = new AbortController();
  const finish = async () => {
    await session.drain();
    await session.idle();
    // The last replies may still be on their way to a socket that a close would destroy; one that is lost takes none any more.
    if (connection.state === 'connected') await nc.flush();
  };
  const late = sleep(clock, timeoutMs, AbortSignal.any([over.signal, stop]));
  await Promise.race([finish(), late, connection.closed]).catch(() => {});
  over.abort();
  return performance.now() - startedAt;
}
