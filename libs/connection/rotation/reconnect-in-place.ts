import { type Clock, sleep } from '../../base/index.js';
import type { ResolvedUserInfo } from '../../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { DisconnectedError, NoRoomError } from '../errors.js';
import type { RotationTrigger } from '../events.js';
import type { Live } from './establish.js';
import type { Session } from './session.js';

/** What a connection that is dialled again in place goes by. */
export interface InPlace {
  readonly trigger: RotationTrigger;
  /** Default: what the source gives. */
  readonly userInfo?: ResolvedUserInfo;
  /** For a connection on which the user info is tried out before; absent where there is no room for it. */
  readonly trial?: AuthConnectionSettings;
  /** Hears of that connection, so that it can be closed at any moment. */
  readonly opening: (connection: AuthConnection) => void;
  /** How long to wait for a server that accepts it, once the connection is dropped, in ms. */
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  readonly clock: Clock;
}

/** How long a connection may take to come to rest before it is dropped, in ms: calls wait meanwhile. */
const LONGEST_REST_MS = 1_000;

/**
 * Dials a connection again in place, for other user info: that is shown to a server first, and the connection comes to rest
 * before it is dropped.
 * @throws {Error} why the user info cannot be used, with the connection as it was.
 * @throws {RejectedError} {@link DisconnectedError} what became of it after it was dropped; it is being dialled again.
 */
export async function reconnectInPlace(
  { connection, session }: Pick<Live<unknown, Session>, 'connection' | 'session'>,
  { trigger, userInfo, trial, opening, timeoutMs, stop, clock }: InPlace,
): Promise<void> {
  const accepted = trial ? await tryOut(trial, userInfo, opening) : userInfo;
  const over = new AbortController();
  const wait = (ms: number) => sleep(clock, ms, AbortSignal.any([over.signal, stop]));
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
async function tryOut(
  settings: AuthConnectionSettings,
  userInfo: ResolvedUserInfo | undefined,
  opening: InPlace['opening'],
): Promise<ResolvedUserInfo | undefined> {
  const trial = new AuthConnection({ ...settings, candidate: true }, userInfo);
  opening(trial);
  try {
    await trial.open();
    return trial.userInfo;
  } catch (error) {
    if (error instanceof NoRoomError) return userInfo;
    throw error;
  } finally {
    trial.retire();
    await trial.close();
  }
}
