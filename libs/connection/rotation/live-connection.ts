import { type Clock, systemClock } from '../../base/index.js';
import { AuthConnection, type AuthConnectionSettings } from '../auth-connection.js';
import { isSameServer } from '../dialling/server-identity.js';
import { connectionClosed } from '../errors.js';
import type { RotationTrigger } from '../events.js';
import { lastServed, type Link } from '../link.js';
import { interestHasSpread, type ProbeConnection, probeSubject, withoutProof } from './interest.js';
import type {
  InPlace,
  OpenConnection,
  OpenConnectionHooks,
  OpenConnections,
  Opening,
  Successor,
} from './open-connection.js';
import { reconnectInPlace } from './reconnect-in-place.js';
import { Refusals } from './refusals.js';
import type { Session } from './session.js';

/** What every connection of a role is opened with. */
export interface LiveConnectionSettings<NC, S extends Session> extends AuthConnectionSettings {
  /** Makes what the role does on a connection; `start()` is called once it is established. */
  readonly createSession: (nc: NC) => S;
}

/** Opens the nats.js connections of one role. */
export function connectionsOf<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
): OpenConnections<NC, S> {
  return ({ kind, ...opening }) => openLive({ ...settings, kind }, opening);
}

/** A nats.js connection that was opened, and what its role does on it. */
class LiveConnection<NC extends ProbeConnection, S extends Session> implements OpenConnection<NC, S> {
  /** Ends the wait of a successor for its subscriptions to be known, which only the server of this one can tell. */
  #interest?: AbortController;

  constructor(
    private readonly settings: LiveConnectionSettings<NC, S>,
    private readonly connection: AuthConnection,
    readonly nc: NC,
    readonly session: S,
    private readonly refusals: Refusals,
  ) {}

  get link(): Link {
    return this.connection.link;
  }

  get closed(): Promise<unknown> {
    return this.connection.closed;
  }

  get refusedSubscriptions(): readonly string[] {
    return this.session.needsInterest ? this.refusals.all : [];
  }

  takeOver(): void {
    this.connection.takeOver();
  }

  async openSuccessor(opening: Opening<NC, S>): Promise<Successor<NC, S>> {
    const { userInfo, hooks, signal } = opening;
    const live = await openLive({ ...this.settings, ...this.#besides() }, { userInfo, hooks, signal });
    try {
      const hint = await this.#awaitInterest(live, signal);
      if (signal.aborted) throw connectionClosed(this.settings);
      return { connection: live, hint };
    } catch (error) {
      live.retire();
      await live.close();
      throw error;
    }
  }

  reconnect(inPlace: InPlace): Promise<void> {
    const trial = { ...this.settings, ...this.#besides() };
    return reconnectInPlace(this.connection, this.session, trial, inPlace, this.#clock);
  }

  doubt(): void {
    this.connection.doubt();
  }

  retire(): void {
    this.connection.retire();
  }

  emitReplaced(cause?: RotationTrigger): void {
    const { name, role, events } = this.settings;
    // nats.js ends what the application has subscribed with the connection, without a word.
    const subjects = this.connection.subjectsOfApplication;
    if (subjects.length > 0) events.emit('subscriptionsLeft', { connection: name, role, subjects });
    if (cause) this.connection.emitReplaced(cause);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The connection was lost: its server proves nothing any more. */
  lost(): void {
    this.#interest?.abort();
  }

  get #clock(): Clock {
    return this.settings.clock ?? systemClock;
  }

  /** What differs for a connection that is opened beside this one. */
  #besides(): Partial<AuthConnectionSettings> {
    const { orderOfSuccessor: order, link } = this.connection;
    const served = lastServed(link);
    const options = { ...this.settings.options, waitOnFirstConnect: false };
    return { kind: 'handover', order, leaving: served?.lameDuck ? served.identity : undefined, options };
  }

  /**
   * The server of this connection must know the subscriptions of the next one before it forgets these.
   * @returns a hint, where that cannot be seen.
   */
  async #awaitInterest(next: LiveConnection<NC, S>, signal: AbortSignal): Promise<string | undefined> {
    const [from, to] = [this.link, lastServed(next.link)];
    if (!next.session.needsInterest || from.state !== 'connected') return undefined;
    if (isSameServer(from.accepted.identity, to?.identity ?? {})) return undefined;
    const interest = (this.#interest = new AbortController());
    const { inboxPrefix } = this.settings.options;
    const over = AbortSignal.any([signal, interest.signal]);
    const denied = await interestHasSpread(this, next, probeSubject(inboxPrefix), this.#clock, over);
    return denied && withoutProof(denied, inboxPrefix);
  }

  /** Has `denied` hear when the server refuses `subject`, and nobody else, until the returned function is called. */
  own(...args: Parameters<AuthConnection['own']>): () => void {
    return this.connection.own(...args);
  }
}

/**
 * Opens a connection and starts its session. The server has the subscriptions by then, and the connection emits events from
 * `takeOver()` on.
 */
async function openLive<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
  { userInfo, hooks, signal }: Opening<NC, S>,
): Promise<LiveConnection<NC, S>> {
  const { connection, refusals, heldBy } = connectionWith(settings, hooks, userInfo);
  const close = () => void connection.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  try {
    const nc = await connection.open<NC>();
    const session = settings.createSession(nc);
    heldBy.session = session;
    void connection.closed.then(() => session.closed?.());
    const handover = settings.kind === 'handover';
    session.start();
    // Whoever has waited for `listen()` may send at once.
    if (handover || session.needsInterest) await refusals.watch(flushed(connection, nc, settings, handover));
    // One that takes over must hear all that its predecessor heard.
    if (handover) refusals.throwIfAny();
    if (signal.aborted) throw connectionClosed(settings);
    return (heldBy.live = new LiveConnection(settings, connection, nc, session, refusals));
  } catch (error) {
    connection.retire();
    await connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** What a connection under construction has so far. */
interface HeldBy<NC extends ProbeConnection, S extends Session> {
  session?: S;
  live?: LiveConnection<NC, S>;
}

/** In a scope of its own: closures that shared one with a handover would keep its old connection alive. */
function connectionWith<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
  hooks: OpenConnectionHooks<NC, S>,
  userInfo: Opening<NC, S>['userInfo'],
) {
  const heldBy: HeldBy<NC, S> = {};
  const refusals = new Refusals((problem) => heldBy.live && hooks.onRefusal(heldBy.live, problem));
  const connection = new AuthConnection(
    {
      ...settings,
      candidate: true,
      onLameDuck: () => heldBy.live && hooks.onLameDuck(heldBy.live),
      session: {
        connected: () => {
          const ready = heldBy.live?.session.connected?.();
          return ready && refusals.watch(ready);
        },
        serves: () => {
          heldBy.live?.session.serves?.();
          if (heldBy.live) hooks.onReconnected(heldBy.live);
        },
        disconnected: () => {
          heldBy.live?.session.disconnected?.();
          heldBy.live?.lost();
        },
        permissionDenied: (operation, subject) => {
          const matters = heldBy.session?.hears ? heldBy.session.hears(subject) : refusals.watching;
          if (operation === 'subscription' && matters) refusals.denied(subject);
          heldBy.live?.session.permissionDenied?.(operation, subject);
        },
        serverError: (message, said) => {
          refusals.heard(message);
          heldBy.live?.session.serverError?.(message, said);
        },
      },
    },
    userInfo,
  );
  return { connection, refusals, heldBy };
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
