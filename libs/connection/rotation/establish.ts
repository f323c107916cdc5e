import type { ResolvedUserInfo } from '../../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { connectionClosed } from '../errors.js';
import type { ProbeConnection } from './interest.js';
import type { Session } from './session.js';

/** One established connection and what the role does on it. */
export interface Live<NC, S> {
  readonly connection: AuthConnection;
  readonly nc: NC;
  readonly session: S;
}

/** What hears of a connection for as long as it lives. */
export interface LiveHooks<NC, S> {
  readonly onLameDuck: (live: Live<NC, S>) => void;
  /** The connection was lost and is there again. */
  readonly onReconnected: (live: Live<NC, S>) => void;
  readonly onDisconnected: (live: Live<NC, S>) => void;
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

/** Opens a connection and starts its session. When any of that fails, nothing is left open. */
export async function establish<NC extends ProbeConnection, S extends Session>({
  settings,
  userInfo,
  createSession,
  opening,
  verify,
  hooks,
}: Establishment<NC, S>): Promise<Live<NC, S>> {
  let live: Live<NC, S> | undefined;
  const denied: string[] = [];
  const connection = new AuthConnection(
    {
      ...settings,
      onLameDuck: () => live && hooks.onLameDuck(live),
      session: {
        connected: () => {
          live?.session.connected?.();
          if (live) hooks.onReconnected(live);
        },
        disconnected: () => {
          live?.session.disconnected?.();
          if (live) hooks.onDisconnected(live);
        },
        permissionDenied: (operation, subject) => {
          if (operation === 'subscription') denied.push(subject);
          live?.session.permissionDenied?.(operation, subject);
        },
      },
    },
    userInfo,
  );
  opening(connection);
  try {
    const nc = await connection.open<NC>();
    const session = createSession(nc);
    live = { connection, nc, session };
    void connection.closed.then(() => session.closed?.());
    session.start();
    if (settings.kind === 'handover') await assertSubscribed(live, denied, settings);
    // Whoever has waited for `listen()` may send at once. What is lost meanwhile is subscribed again.
    else if (settings.role === 'server') await flushed(live, settings).catch(() => {});
    await verify(live);
    return live;
  } catch (error) {
    connection.retire();
    await connection.close();
    throw error;
  }
}

/** One that takes over must hear all that its predecessor heard. */
async function assertSubscribed(
  live: Live<ProbeConnection, unknown>,
  denied: readonly string[],
  settings: AuthConnectionSettings,
): Promise<void> {
  await flushed(live, settings);
  if (denied.length > 0) throw new Error(`The new user info may not subscribe to '${denied.join(`', '`)}'.`);
}

/** The server has the subscriptions. */
async function flushed(
  { connection, nc }: Live<ProbeConnection, unknown>,
  settings: AuthConnectionSettings,
): Promise<void> {
  // nats.js never settles the flush of a connection that is closed meanwhile, and our close would wait for it.
  const closed = connection.closed.then(() => Promise.reject(connectionClosed(settings)));
  await Promise.race([nc.flush(), closed]);
}
