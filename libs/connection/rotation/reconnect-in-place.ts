import { type Clock, sleep } from '../../base/index.js';
import type { ResolvedUserInfo } from '../../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { DisconnectedError, NoRoomError } from '../errors.js';
import { acceptedOf } from '../link.js';
import type { InPlace } from './open-connection.js';
import type { Session } from './session.js';

/** How long a connection may take to come to rest before it is dropped, in ms: calls wait meanwhile. */
const LONGEST_REST_MS = 1_000;

/**
 * Dials a connection again in place, for other user info: that is shown to a server first, and the connection comes to rest
 * before it is dropped.
 * @param trial what the connection that shows it is made of.
 * @throws {Error} why the user info cannot be used, with the connection as it was.
 * @throws {RejectedError} {@link DisconnectedError} what became of it after it was dropped; it is being dialled again.
 */
export async function reconnectInPlace(
  connection: AuthConnection,
  session: Session,
  trial: AuthConnectionSettings,
  { trigger, userInfo, tryOut, timeoutMs, signal }: InPlace,
  clock: Clock,
): Promise<void> {
  const accepted = tryOut ? await acceptedByTrial(trial, userInfo, signal) : userInfo;
  const over = new AbortController();
  const wait = (ms: number) => sleep(clock, ms, over.signal);
  const tooLate = async (): Promise<never> => {
    await wait(LONGEST_REST_MS + timeoutMs);
    throw new DisconnectedError(`No server has accepted it within ${timeoutMs} ms.`);
  };
  const rest = () => Promise.race([session.rest(), wait(LONGEST_REST_MS)]).catch(() => {});
  try {
    await Promise.race([connection.reconnect(trigger, accepted, rest), tooLate()]);
  } finally {
    over.abort();
  }
}

/** Shows the user info to a server on a connection of its own. Gives what that has accepted, or has refused for want of room. */
async function acceptedByTrial(
  settings: AuthConnectionSettings,
  userInfo: ResolvedUserInfo | undefined,
  signal: AbortSignal,
): Promise<ResolvedUserInfo | undefined> {
  const trial = new AuthConnection({ ...settings, candidate: true }, userInfo);
  const close = () => void trial.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  try {
    await trial.open();
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
