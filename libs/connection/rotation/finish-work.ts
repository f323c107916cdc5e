import { type Clock, sleep } from '../../base/index.js';
import type { ProbeConnection } from './interest.js';
import type { OpenConnection } from './open-connection.js';
import type { Session } from './session.js';

/** A connection whose work comes to an end. */
type Working = Pick<
  OpenConnection<Pick<ProbeConnection, 'flush'>, Session>,
  'nc' | 'session' | 'link' | 'closed'
>;

/**
 * Takes no new work on a connection, and waits until the work under way has ended and the server has all that came of it. It waits no
 * longer than `timeoutMs`, until `stop` aborts, or until the connection is closed.
 * @returns for how long it waited, in ms.
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
    // The last replies may still be on their way to a socket that a close would destroy; one that is lost takes none any more.
    if (connection.link.state === 'connected') await nc.flush();
  };
  const late = sleep(clock, timeoutMs, AbortSignal.any([over.signal, stop]));
  await Promise.race([finish(), late, connection.closed]).catch(() => {});
  over.abort();
  return clock.elapsed() - startedAt;
}

/** How long what is said at the end may take to reach the server, in ms. */
const LAST_WORDS_MS = 1_000;

/** Gives up the work that is left on a connection, ahead of its close. */
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
