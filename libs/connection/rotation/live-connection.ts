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
import { finishWork, type Working } from './finish-work.js';
import { reconnectInPlace } from './reconnect-in-place.js';
import { assertNothingLacking, type Refusal, Refusals } from './refusals.js';
import { REFUSED, type RefusedSettings, retryRefused } from './retry-refused.js';
import type { Session } from './session.js';

/** The settings that all connections of a role share. */
export interface LiveConnectionSettings<NC, S extends Session> extends AuthConnectionSettings {
  /** Creates the session of a connection; `start()` is called once the connection is established. */
  readonly createSession: (nc: NC) => S;
  readonly refused?: RefusedSettings;
}

/** Opens the nats.js connections of one role. */
export function connectionsOf<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
): OpenConnections<NC, S> {
  return ({ kind, ...opening }) => openLive({ ...settings, kind }, opening);
}

/** An open nats.js connection and the session that runs on it. */
class LiveConnection<NC extends ProbeConnection, S extends Session> implements OpenConnection<NC, S> {
  /** Stops waiting for interest in the successor's subscriptions to spread: only the server of this connection can prove it. */
  #interest?: AbortController;
  /** Aborted when the connection does not serve its role any more. */
  readonly #over = new AbortController();
  #retry: 'never' | 'when refused' | 'running' = 'never';

  constructor(
    private readonly settings: LiveConnectionSettings<NC, S>,
    private readonly connection: AuthConnection,
    readonly nc: NC,
    readonly session: S,
    private readonly refused: Refusals,
    private readonly hooks: OpenConnectionHooks<NC, S>,
  ) {}

  get link(): Link {
    return this.connection.link;
  }

  get closed(): Promise<unknown> {
    return this.connection.closed;
  }

  get refusals(): readonly Refusal[] {
    return mattering(this.session, this.refused);
  }

  takeOver(kept: readonly Uint8Array[] = []): void {
    this.connection.sendKept(kept);
    this.connection.takeOver();
    void this.connection.closed.then(() => this.#over.abort(OVER));
    this.#retry = 'when refused';
    this.#retryRefused();
  }

  /** The server may have refused other subscriptions than before. */
  refusalsChanged(): void {
    this.hooks.onRefusals(this);
    this.#retryRefused();
  }

  #retryRefused(): void {
    if (this.#retry !== 'when refused' || this.#over.signal.aborted) return;
    const { refused = REFUSED, random = Math.random } = this.settings;
    this.#retry = 'running';
    void retryRefused({
      backoff: refused.retry,
      clock: this.#clock,
      random,
      isDue: () => this.refusals.some((refusal) => !refused.isTolerated(refusal)),
      subscribeAgain: () => this.#subscribeAgain(),
      signal: this.#over.signal,
    }).finally(() => (this.#retry = 'when refused'));
  }

  async #subscribeAgain(): Promise<void> {
    // A connection that is being dialled, or gets ready, is subscribed anew.
    if (this.link.state !== 'connected' || this.refused.watching) return;
    const refused = this.refused.all;
    const named = refused.flatMap(({ subject }) => (subject === undefined ? [] : [subject]));
    const unnamed = refused.reduce((sum, { subject, count }) => sum + (subject === undefined ? count : 0), 0);
    this.session.subscribeAgain?.(new Set(named), unnamed);
    const closed = this.closed.then(() => Promise.reject(connectionClosed(this.settings)));
    await this.refused.watch(Promise.race([this.nc.flush(), closed]));
  }

  async openSuccessor(opening: Opening<NC, S>): Promise<Successor<NC, S>> {
    const { signal } = opening;
    const live = await openLive({ ...this.settings, ...this.#besides() }, opening, this.refused.all);
    try {
      const hint = await this.#awaitInterest(live, signal);
      if (signal.aborted) throw connectionClosed(this.settings);
      return { connection: live, hint };
    } catch (error) {
      live.retire();
      await giveUp(live, this.#clock);
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

  retire(): readonly Uint8Array[] {
    this.#over.abort(OVER);
    return this.connection.retire();
  }

  emitReplaced(cause?: RotationTrigger): void {
    const { name, role, events } = this.settings;
    // nats.js ends the application's subscriptions with the connection, without an error.
    const subjects = this.connection.subjectsOfApplication;
    if (subjects.length > 0) events.emit('subscriptionsLeft', { connection: name, role, subjects });
    if (cause) this.connection.emitReplaced(cause);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The connection was lost: its server can no longer prove anything. */
  lost(): void {
    this.#interest?.abort();
  }

  get #clock(): Clock {
    return this.settings.clock ?? systemClock;
  }

  /** The settings that differ for a connection that is opened next to this one. */
  #besides(): Partial<AuthConnectionSettings> {
    const { orderOfSuccessor: order, link } = this.connection;
    const served = lastServed(link);
    const options = { ...this.settings.options, waitOnFirstConnect: false };
    return { kind: 'handover', order, leaving: served?.lameDuck ? served.identity : undefined, options };
  }

  /**
   * Waits until the server of this connection knows the subscriptions of the next one: only then may it forget those of this
   * one.
   * @returns a hint, if that cannot be observed.
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

  /** Calls `denied` when the server refuses `subject`, and hides the error from everyone else, until the returned function is called. */
  own(...args: Parameters<AuthConnection['own']>): () => void {
    return this.connection.own(...args);
  }
}

/** Made once: the stack of an error that is made for each connection would keep the user info of its callers in memory. */
const OVER = new Error('The connection is over.');

/**
 * Opens a connection and starts its session. When this resolves, the server has the subscriptions; the connection emits the
 * events of its role from `takeOver()` on.
 * @param lacking what the server refuses to the connection that this one is to succeed.
 */
async function openLive<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
  { userInfo, hooks, signal, within }: Opening<NC, S>,
  lacking: readonly Refusal[] = [],
): Promise<LiveConnection<NC, S>> {
  const { connection, refusals, heldBy } = connectionWith(settings, hooks, userInfo);
  const close = () => void connection.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  try {
    const nc = await connection.open<NC>(within);
    const session = settings.createSession(nc);
    heldBy.session = session;
    heldBy.nc = nc;
    void connection.closed.then(() => session.closed?.());
    const handover = settings.kind === 'handover';
    session.start();
    // A caller that has awaited `listen()` may send a message at once.
    if (handover || session.needsInterest) await refusals.watch(flushed(connection, nc, settings, handover));
    // A successor must receive everything that its predecessor received.
    if (handover) {
      const { isTolerated } = settings.refused ?? REFUSED;
      const refused = mattering(session, refusals).filter((refusal) => !isTolerated(refusal));
      assertNothingLacking(refused, lacking);
    }
    if (signal.aborted) throw connectionClosed(settings);
    return (heldBy.live = new LiveConnection(settings, connection, nc, session, refusals, hooks));
  } catch (error) {
    connection.retire();
    const { nc, session } = heldBy;
    const { link, closed } = connection;
    if (nc && session) await giveUp({ nc, session, link, closed }, settings.clock ?? systemClock);
    await connection.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** How long a connection that does not take over may finish what it has received, in ms. */
const LONGEST_FAREWELL_MS = 1_000;

/** The group that it shares with the connection in use may have given it messages that nobody else gets. */
async function giveUp(connection: Working, clock: Clock): Promise<void> {
  if (connection.link.state === 'connected')
    await finishWork(connection, LONGEST_FAREWELL_MS, new AbortController().signal, clock);
}

/** What has been refused, if anybody misses it. */
function mattering(session: Session, refusals: Refusals): Refusal[] {
  return (session.suffers ?? true) ? refusals.all : [];
}

/** The parts of a connection under construction that exist so far. */
interface HeldBy<NC extends ProbeConnection, S extends Session> {
  nc?: NC;
  session?: S;
  live?: LiveConnection<NC, S>;
}

/** In a function of its own: closures that shared a scope with a handover would keep its old connection alive. */
function connectionWith<NC extends ProbeConnection, S extends Session>(
  settings: LiveConnectionSettings<NC, S>,
  hooks: OpenConnectionHooks<NC, S>,
  userInfo: Opening<NC, S>['userInfo'],
) {
  const heldBy: HeldBy<NC, S> = {};
  const refusals = new Refusals(() => heldBy.live?.refusalsChanged());
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
          refusals.lost();
          heldBy.live?.session.disconnected?.();
          heldBy.live?.lost();
        },
        permissionDenied: (operation, subject) => {
          const { session } = heldBy;
          const name = session?.toldAs ? session.toldAs(subject) : refusals.watching ? subject : undefined;
          const known = operation === 'subscription' && name !== undefined && refusals.denied(name);
          return session?.permissionDenied?.(operation, subject, known);
        },
        serverError: (message, said) => {
          const known = refusals.heard(message, said);
          heldBy.live?.session.serverError?.(message, said);
          return known ? 'ours' : undefined;
        },
      },
    },
    userInfo,
  );
  return { connection, refusals, heldBy };
}

/**
 * Resolves when the server has the subscriptions. If the connection is lost meanwhile, it is dialled and subscribed again.
 * @param once whether a loss is an error, because another connection is in use.
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
    // When a connection is lost, the next dial rejects its flush; a flush that is called after that waits for its PONG.
    const flush = nc.flush().then(
      () => true,
      (error: unknown) => (once ? Promise.reject(error as Error) : false),
    );
    done = await Promise.race([flush, closed]);
  }
}
