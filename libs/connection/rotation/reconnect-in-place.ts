import { type Clock, type Operation, sleep } from '../../base/index.js';
import type { ResolvedUserInfo } from '../../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { DisconnectedError, NoRoomError } from '../errors.js';
import { acceptedOf } from '../link.js';
import type { InPlace } from './open-connection.js';
import type { Session } from './session.js';

/** How long the work under way may delay the drop of the connection, in ms: calls wait meanwhile. */
const LONGEST_REST_MS = 1_000;

/**
 * Reconnects in place with other user info. A server must accept it on a trial connection first, and the work under way may
 * finish before the connection is dropped.
 * @param trial the settings of the trial connection.
 * @throws {Error} the user info cannot be used; the connection is unchanged.
 * @throws {RejectedError} {@link DisconnectedError} reconnecting failed after the connection was dropped; it is being
 * dialled again.
 */
export async function reconnectInPlace(
  connection: AuthConnection,
  session: Session,
  trial: AuthConnectionSettings,
  { trigger, userInfo, tryOut, timeoutMs, signal, within }: InPlace,
  clock: Clock,
): Promise<void> {
  const accepted = tryOut ? await acceptedByTrial(trial, userInfo, signal, within) : userInfo;
  const over = new AbortController();
  const wait = (ms: number) => sleep(clock, ms, over.signal);
  const tooLate = async (): Promise<never> => {
    await wait(LONGEST_REST_MS + timeoutMs);
    throw new DisconnectedError(`No server has accepted it within ${timeoutMs} ms.`);
  };
  const rest = () => Promise.race([session.rest(), wait(LONGEST_REST_MS)]).catch(() => {});
  try {
    await Promise.race([connection.reconnect(trigger, accepted, rest, within), tooLate()]);
  } finally {
    over.abort();
  }
}

/**
 * Presents the user info to a server on a separate connection. Returns the user info that was accepted, or the given one if
 * there is no room for another connection.
 */
async function acceptedByTrial(
  settings: AuthConnectionSettings,
  userInfo: ResolvedUserInfo | undefined,
  signal: AbortSignal,
  within: Operation | undefined,
): Promise<ResolvedUserInfo | undefined> {
  const trial = new AuthConnection({ ...settings, candidate: true }, userInfo);
  const close = () => void trial.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  try {
    await trial.open(within);
    return acceptedOf(trial.link)?.userInfo;
  } catch (error) {
    if (error instanceof NoRoomError) return userInfo;
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    trial.retire();
    await trial.close();
  }
}
