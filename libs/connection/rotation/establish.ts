import type { ResolvedUserInfo } from '../../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { connectionClosed } from '../errors.js';
import type { ProbeConnection } from './interest.js';
import { Refusals } from './refusals.js';
import type { Session } from './session.js';

/** One established connection and what the role does on it. */
export interface Live<NC, S> {
  readonly connection: AuthConnection;
  readonly nc: NC;
  readonly session: S;
  readonly refusals: Refusals;
}

/** What hears of a connection for as long as it lives. */
export interface LiveHooks<NC, S> {
  readonly onLameDuck: (live: Live<NC, S>) => void;
  /** The connection was lost and is there again. */
  readonly onReconnected: (live: Live<NC, S>) => void;
  readonly onDisconnected: (live: Live<NC, S>) => void;
  /** The server refused a subscription after the connection was established, or again at a reconnect. */
  readonly onRefusal: (live: Live<NC, S>, problem: string) => void;
}

/** What is established. */
export interface Establishment<NC, S> {
  readonly settings: AuthConnectionSettings;
  readonly createSession: (nc: NC) => S;
  /** What the first dial presents. Default: what the source gives. */
  readonly userInfo?: ResolvedUserInfo;
  /** Hears of the connection before it is dialled, so that it can be closed at any moment. */
  readonly opening: (connection: AuthConnection) => void;
  /** Has the last word on whether it can be used. */
  readonly verify: (live: Live<NC, S>) => Promise<void>;
  /** They are kept with the connection: they must not hold on to the one before. */
  readonly hooks: LiveHooks<NC, S>;
}

/**
 * Opens a connection and starts its session. The server has the subscriptions by then, and the connection tells of itself
 * from `takeOver()` on. When any of that fails, nothing is left open.
 */
export async function establish<NC extends ProbeConnection, S extends Session>({
  settings,
  userInfo,
  createSession,
  opening,
  verify,
  hooks,
}: Establishment<NC, S>): Promise<Live<NC, S>> {
  let live: Live<NC, S> | undefined;
  let session: S | undefined;
  const refusals = new Refusals((problem) => live && hooks.onRefusal(live, problem));
  const connection = new AuthConnection(
    {
      ...settings,
      candidate: true,
      onLameDuck: () => live && hooks.onLameDuck(live),
      session: {
        connected: () => {
          const ready = live?.session.connected?.();
          return ready && refusals.watch(ready);
        },
        serves: () => {
          live?.session.serves?.();
          if (live) hooks.onReconnected(live);
        },
        disconnected: () => {
          live?.session.disconnected?.();
          if (live) hooks.onDisconnected(live);
        },
        permissionDenied: (operation, subject) => {
          const matters = session?.hears ? session.hears(subject) : refusals.watching;
          if (operation === 'subscription' && matters) refusals.denied(subject);
          live?.session.permissionDenied?.(operation, subject);
        },
        serverError: (message, said) => {
          refusals.heard(message);
          live?.session.serverError?.(message, said);
        },
      },
    },
    userInfo,
  );
  opening(connection);
  try {
    const nc = await connection.open<NC>();
    const made = (session = createSession(nc));
    void connection.closed.then(() => made.closed?.());
    const handover = settings.kind === 'handover';
    made.start();
    // Whoever has waited for `listen()` may send at once.
    if (handover || made.needsInterest) await refusals.watch(flushed(connection, nc, settings, handover));
    // One that takes over must hear all that its predecessor heard.
    if (handover) refusals.throwIfAny();
    live = { connection, nc, session: made, refusals };
    await verify(live);
    return live;
  } catch (error) {
    connection.retire();
    await connection.close();
    throw error;
  }
}

/**
 * The server has the subscriptions. What is lost meanwhile is dialled and subscribed again.
 * @param once whether a loss is an error: another connection is there.
 */
async function flushed(
  connection: AuthConnection,
  nc: ProbeConnection,
  settings: AuthConnectionSettings,
  once: boolean,
): Promise<void> {
  // nats.js never settles the flush of a connection that is closed meanwhile, and our close would wait for it.
  const closed = connection.closed.then(() => Promise.reject(connectionClosed(settings)));
  for (let done = false; !done;) {
    // The flush of a connection that is lost is rejected by the next dial, and one that is asked for then waits for its PONG.
    const flush = nc.flush().then(
      () => true,
      (error: unknown) => (once ? Promise.reject(error as Error) : false),
    );
    done = await Promise.race([flush, closed]);
  }
}
