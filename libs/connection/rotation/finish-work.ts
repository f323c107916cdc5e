import { type Clock, sleep } from '../../base/index.js';
import type { ProbeConnection } from './interest.js';
import type { OpenConnection } from './open-connection.js';
import type { Session } from './session.js';

/** A connection that is being drained. */
export type Working = Pick<
  OpenConnection<Pick<ProbeConnection, 'flush'>, Session>,
  'nc' | 'session' | 'link' | 'closed'
>;

/**
 * Drains a connection: it receives no new work, and this waits until the work under way has finished and the server has
 * received its results. Waits at most `timeoutMs`, and no longer than until `stop` aborts or the connection closes.
 * @returns how long it waited, in ms.
 */
export async function finishWork(
  connection: Working,
  timeoutMs: number,
  stop: AbortSignal,
  clock: Clock,
): Promise<number> {
  const { nc, session } = connection;
  const startedAt = clock.elapsed();
  const over = new AbortController();
  const finish = async () => {
    await session.drain();
    await session.idle();
    // The last replies may still be in a socket buffer that a close would discard. A lost connection has no socket to flush.
    if (connection.link.state === 'connected') await nc.flush();
  };
  const late = sleep(clock, timeoutMs, AbortSignal.any([over.signal, stop]));
  await Promise.race([finish(), late, connection.closed]).catch(() => {});
  over.abort();
  return clock.elapsed() - startedAt;
}

/** How long the last messages may take to reach the server, in ms. */
const LAST_WORDS_MS = 1_000;

/** Abandons the pending work of a connection that is about to be closed. */
export async function cutOff(connection: Working, clock: Clock): Promise<void> {
  const { nc, session } = connection;
  const said = session.cutOff?.() ?? false;
  if (!said || connection.link.state !== 'connected') return;
  const over = new AbortController();
  await Promise.race([nc.flush(), connection.closed, sleep(clock, LAST_WORDS_MS, over.signal)]).catch(
    () => {},
  );
  over.abort();
}
