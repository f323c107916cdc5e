import {
  asError,
  type Backoff,
  backoffDelay,
  type Clock,
  type Emitter,
  inOwnContext,
  type Observer,
  type Operation,
  sleep,
  systemClock,
} from '../../base/index.js';
import type { CredentialSource, ResolvedUserInfo, Role } from '../../credentials/index.js';
import type { ServerIdentity } from '../dialling/server-identity.js';
import { connectionClosed, NoRoomError, RotationFailedError } from '../errors.js';
import type { NatsAuthEvents, RotatedMode, RotationOutcome, RotationTrigger } from '../events.js';
import { type ConnectionState, lastServed, type Link } from '../link.js';
import { cutOff, finishWork } from './finish-work.js';
import type { ProbeConnection } from './interest.js';
import { currentOf, isEnding, type Life, type LifeEvent, nextLife, openingOf } from './life.js';
import { connectionsOf, type LiveConnectionSettings } from './live-connection.js';
import type { OpenConnection, OpenConnectionHooks, OpenConnections } from './open-connection.js';
import { changedRefusals, type Refusal } from './refusals.js';
import { REFUSED, type RefusedSettings } from './retry-refused.js';
import type { RotationMode, RotationSettings } from './rotation-options.js';
import type { Session } from './session.js';

/** The settings of a rotating connection. */
export interface RotatingConnectionSettings<NC, S extends Session> {
  /** The registration's name. */
  readonly name: string;
  readonly role: Role;
  readonly source: Pick<CredentialSource, 'current' | 'onNewer'>;
  readonly events: Pick<Emitter<NatsAuthEvents>, 'emit'>;
  /** Follows each rotation. Default: nobody does. */
  readonly observer?: Observer;
  readonly rotation: RotationSettings;
  /** What is done about subscriptions that the server refuses. Default: `REFUSED`. */
  readonly refused?: RefusedSettings;
  /** Called with each connection that becomes current: the first one, and each successor. */
  readonly onCurrent?: (nc: NC, session: S) => void;
  /** Called when it was closed for good, by whomever. */
  readonly onClosed?: () => void;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** The settings of the rotating nats.js connection of a role. */
export type RotatingConnectionParts<NC, S extends Session> = RotatingConnectionSettings<NC, S> &
  LiveConnectionSettings<NC, S>;

/** Creates the rotating nats.js connection of a role. */
export function createRotatingConnection<NC extends ProbeConnection, S extends Session>(
  settings: RotatingConnectionParts<NC, S>,
): RotatingConnection<NC, S> {
  const answerWithin = settings.rotation.dialTimeout;
  return new RotatingConnection(settings, connectionsOf({ ...settings, answerWithin }));
}

/** One attempt to move to other user info. */
interface Rotation {
  readonly trigger: RotationTrigger;
  readonly userInfo?: ResolvedUserInfo;
  /** Aborts the opening of another connection. */
  readonly attempt: AbortController;
  /** Fulfils when the new connection has taken over, or the attempt has failed: the next rotation may begin. */
  readonly through: Promise<void>;
  /** Settles when the old connection has closed, too. */
  readonly done: Promise<RotationOutcome>;
}

/** A rotation that is still to come. */
type Wanted =
  | { readonly when: 'never' }
  /** Once the connection that is being dialled is connected. */
  | { readonly when: 'connected'; readonly trigger: RotationTrigger }
  /** Retried until it succeeds; `over` ends the retries. `newer`: it is to move to newer user info. */
  | { readonly when: 'now'; readonly over: AbortController; readonly newer: boolean };

/** How many old connections may be draining at a time; the next rotation waits for one of them to close. */
const MOST_RETIRING = 4;

/**
 * The connection of one role over its whole life: it moves to newer user info and away from a server in lame-duck mode, and
 * opens a new connection when the current one closes for good without the application having closed it. All of this runs
 * outside the async context of any caller, because the connection serves many of them.
 *
 * A handover, in order:
 * 1. The source has newer user info, the server announces lame-duck mode, or the application calls `rotate()`.
 * 2. The old connection opens its successor: user info, dial, session, subscriptions, flush; then interest spreads.
 * 3. The successor becomes current, and the old one is retired: from here on the next rotation may begin.
 * 4. The old connection drains: it receives no new work and finishes what is pending, for `rotation.timeout` at most.
 * 5. It is closed, and `rotated` is emitted.
 */
export class RotatingConnection<NC extends Pick<ProbeConnection, 'flush'>, S extends Session> {
  readonly #settings: RotatingConnectionSettings<NC, S>;
  readonly #open: OpenConnections<NC, S>;
  /** Aborted when nothing new may begin. */
  readonly #ending = new AbortController();
  /** Aborted when nothing may be waited for any more. */
  readonly #closing = new AbortController();
  #life: Life<NC, S> = { phase: 'idle' };
  #rotation?: Rotation;
  #wanted: Wanted = { when: 'never' };
  /** The refusals of which the events have told. */
  #refused: readonly Refusal[] = [];
  /** The old connections that are draining, until they are closed. */
  readonly #retiring = new Set<Promise<void>>();

  constructor(settings: RotatingConnectionSettings<NC, S>, open: OpenConnections<NC, S>) {
    this.#settings = settings;
    this.#open = open;
  }

  get state(): ConnectionState {
    if (this.#life.phase === 'closed') return 'closed';
    const link = this.#current?.link;
    if (!link) return openingOf(this.#life) ? 'connecting' : 'idle';
    // A connection that closed without the application closing it is being replaced.
    return link.state === 'closed' ? 'disconnected' : link.state;
  }

  /** `host:port` of the server that it is, or was last, connected to. */
  get server(): string | undefined {
    return this.#served?.server;
  }

  /** The identity of that server: several servers may share its address. */
  get serverIdentity(): ServerIdentity {
    return this.#served?.identity ?? {};
  }

  /** The user info that the server has accepted; `undefined` while disconnected. */
  get userInfo(): ResolvedUserInfo | undefined {
    return this.#current && inUse(this.#current.link)?.userInfo;
  }

  /** Whether the server has announced that it will close this connection (lame-duck mode). */
  get lameDuck(): boolean {
    return this.#current !== undefined && inUse(this.#current.link)?.lameDuck === true;
  }

  /** The subscriptions that the server has refused on the current connection although it should not, each as a phrase. */
  get refusedSubscriptions(): readonly string[] {
    return this.#problems(false);
  }

  /** Those that it has refused and may refuse. */
  get toleratedRefusals(): readonly string[] {
    return this.#problems(true);
  }

  /** The session of the current connection. */
  get session(): S | undefined {
    return this.#current?.session;
  }

  /**
   * Connects and starts the session; later calls return the same promise. Rejects with the errors of a first connect.
   * @throws {@link ClosedError} closed before, or while connecting.
   */
  open(): Promise<NC> {
    const opening = openingOf(this.#life);
    if (opening) return opening;
    if (isEnding(this.#life)) return Promise.reject(connectionClosed(this.#settings));
    const opened = inOwnContext(() => this.#openFirst());
    this.#become({ type: 'open', opened });
    opened.catch(() => this.close());
    return opened;
  }

  /**
   * Moves the connection to `userInfo`, without retries, and resolves when the old connection is closed. Rotations dial one
   * at a time: a call for the same user info joins the one under way, and a call for other user info is followed by a
   * rotation to whatever is newest by then. Emits the result.
   * @throws {@link RotationFailedError} the old connection is still there, or was dropped and is being dialled again.
   * @throws {@link ClosedError} closed before it began.
   */
  rotate(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<RotationOutcome> {
    return inOwnContext(() => this.#rotateInTurn(trigger, userInfo));
  }

  /** Checks at once whether the server still answers, and dials again if it does not. Called when there is reason to doubt it. */
  doubt(): void {
    inOwnContext(() => this.#current?.doubt());
  }

  /**
   * Stops receiving new work, and waits at most `timeoutMs` for pending work to finish, including that of old connections
   * that are still draining. Later calls return the same promise.
   */
  drain(timeoutMs: number): Promise<void> {
    if (this.#life.phase === 'draining') return this.#life.drained;
    if (this.#life.phase === 'closed') return this.#life.closed;
    const drained = inOwnContext(() => this.#drain(timeoutMs));
    this.#become({ type: 'drain', drained });
    return drained;
  }

  /** Can be called at any time, and more than once; leaves nothing open. */
  close(): Promise<void> {
    if (this.#life.phase === 'closed') return this.#life.closed;
    const closed = inOwnContext(() => this.#close());
    this.#become({ type: 'close', closed });
    return closed;
  }

  get #current(): OpenConnection<NC, S> | undefined {
    return currentOf(this.#life);
  }

  get #served() {
    return this.#current && lastServed(this.#current.link);
  }

  #problems(tolerated: boolean): string[] {
    const { isTolerated } = this.#settings.refused ?? REFUSED;
    const refusals = this.#current?.refusals ?? [];
    return refusals.filter((one) => isTolerated(one) === tolerated).map(({ problem }) => problem);
  }

  #become(event: LifeEvent<NC, S>): void {
    this.#life = nextLife(this.#life, event);
  }

  async #openFirst(): Promise<NC> {
    const { source } = this.#settings;
    const unsubscribe = source.onNewer((userInfo, cause) => void this.#rotateInBackground(cause, userInfo));
    this.#ending.signal.addEventListener('abort', unsubscribe, { once: true });
    const first = await this.#open({ kind: 'initial', hooks: this.#hooks(), signal: this.#ending.signal });
    await this.#makeCurrent(first);
    return first.nc;
  }

  /** Made in a method of their own: closures that shared a scope with a handover would keep its old connection alive. */
  #hooks(): OpenConnectionHooks<NC, S> {
    type Connection = OpenConnection<NC, S>;
    const ifCurrent = (hear: () => void) => (connection: Connection) => {
      if (connection === this.#current) hear();
    };
    return {
      onLameDuck: ifCurrent(() => void this.#rotateInBackground('lame-duck')),
      onReconnected: ifCurrent(() => this.#reconnected()),
      onRefusals: ifCurrent(() => this.#tellRefusals()),
    };
  }

  /** @throws {@link ClosedError} it was closed meanwhile; nothing is left open. */
  async #makeCurrent(next: OpenConnection<NC, S>, old?: OpenConnection<NC, S>): Promise<void> {
    if (isEnding(this.#life)) {
      next.retire();
      await next.close();
      throw connectionClosed(this.#settings);
    }
    const kept = old?.retire();
    // It becomes current before it emits `connected`, so that listeners find it current.
    this.#become({ type: 'current', current: next });
    this.#settings.onCurrent?.(next.nc, next.session);
    next.takeOver(kept);
    this.#tellRefusals();
    this.#catchUp();
    void next.closed.then(() => this.#recover(next));
  }

  /** Tells what the server refuses now and did not before, and the other way round. */
  #tellRefusals(): void {
    const { name: connection, role, events, refused: settings = REFUSED } = this.#settings;
    const now = this.#current?.refusals ?? [];
    const { refused, restored } = changedRefusals(this.#refused, now);
    this.#refused = now;
    const troubling = now.filter((one) => !settings.isTolerated(one));
    const common = {
      connection,
      role,
      stillRefused: troubling.reduce((sum, { count }) => sum + count, 0),
    };
    for (const { problem, subject } of restored)
      events.emit('subscriptionRestored', { ...common, problem, subject });
    for (const refusal of refused)
      events.emit('subscriptionRefused', { ...common, ...refusal, tolerated: settings.isTolerated(refusal) });
  }

  /** The current connection may have been lost during a rotation, and reconnecting may have achieved what that was for. */
  #reconnected(): void {
    const rotation = this.#rotation;
    if (this.#current && rotation && !isDue(this.#current, rotation.trigger, rotation.userInfo))
      rotation.attempt.abort(connectionClosed(this.#settings));
    this.#catchUp();
  }

  /** Moves a connection that has reconnected to the user info that arrived while it was being dialled. */
  #catchUp(): void {
    const wanted = this.#wanted;
    if (wanted.when !== 'connected') return;
    this.#wanted = { when: 'never' };
    const { current } = this.#settings.source;
    if (current && this.userInfo !== current)
      // After it has emitted `connected`.
      queueMicrotask(() => void this.#rotateInBackground(wanted.trigger, current));
  }

  /** Replaces a connection that closed for good without the application closing it, and retries until it succeeds. */
  async #recover(lost: OpenConnection<NC, S>): Promise<void> {
    const { rotation } = this.#settings;
    // The event `closed` has told that nothing is refused any more.
    if (this.#current === lost) this.#refused = [];
    // A handover under way may replace it.
    await this.#rotation?.through;
    const { signal } = this.#ending;
    for (let failures = 1; this.#current === lost && !signal.aborted; failures++) {
      try {
        const next = await this.#open({ kind: 'reconnect', hooks: this.#hooks(), signal });
        await this.#makeCurrent(next);
        lost.emitReplaced();
        return;
      } catch {
        // The events of the source and of the connection have reported each failure.
        await this.#pause(rotation.retry, failures, signal);
      }
    }
  }

  /** Rotates, and retries until it succeeds; the event `rotated` reports failures. A later call replaces the retries of an earlier one. */
  async #rotateInBackground(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<void> {
    const { rotation, source } = this.#settings;
    if (rotation.mode === 'none') return;
    // A call that is replaced may have been to move to newer user info, and its retries end.
    if (this.#wanted.when === 'now' && this.#wanted.newer) userInfo ??= source.current;
    const over = new AbortController();
    const wanted: Wanted = { when: 'now', over, newer: userInfo !== undefined };
    this.#want(wanted);
    for (let failures = 1; !isEnding(this.#life); failures++) {
      try {
        await this.rotate(trigger, userInfo);
        if (this.#wanted === wanted) this.#wanted = { when: 'never' };
        return;
      } catch {
        await this.#pause(rotation.retry, failures, over.signal);
      }
      if (over.signal.aborted) return;
      userInfo = source.current;
    }
  }

  #want(wanted: Wanted): void {
    if (this.#wanted.when === 'now') this.#wanted.over.abort();
    this.#wanted = wanted;
  }

  async #pause(backoff: Backoff, failures: number, signal: AbortSignal): Promise<void> {
    const { clock = systemClock, random = Math.random } = this.#settings;
    await sleep(clock, backoffDelay(backoff, failures, random), signal).catch(() => {});
  }

  async #rotateInTurn(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<RotationOutcome> {
    while (this.#rotation) {
      if (!userInfo || userInfo === this.#rotation.userInfo) return this.#rotation.done;
      await this.#rotation.through;
      userInfo = this.#settings.source.current;
    }
    if (isEnding(this.#life)) throw connectionClosed(this.#settings);
    const old = this.#current;
    if (old?.link.state !== 'connected') {
      // It is being dialled, perhaps with user info that was resolved before this one.
      if (userInfo) this.#want({ when: 'connected', trigger });
      return 'disconnected';
    }
    if (!isDue(old, trigger, userInfo)) return 'current';
    return this.#begin(trigger, old, userInfo).done;
  }

  #begin(trigger: RotationTrigger, old: OpenConnection<NC, S>, userInfo?: ResolvedUserInfo): Rotation {
    let isThrough = () => {};
    const through = new Promise<void>((resolve) => (isThrough = resolve));
    const attempt = new AbortController();
    const done = this.#rotate({ trigger, userInfo, signal: attempt.signal }, old, (succeeded) => {
      this.#rotation = undefined;
      isThrough();
      // Its server may have announced lame-duck mode before it became current.
      const link = succeeded ? this.#current?.link : undefined;
      if (link && inUse(link)?.lameDuck) void this.#rotateInBackground('lame-duck');
    });
    return (this.#rotation = { trigger, userInfo, attempt, through, done });
  }

  /** @param through is called when the next rotation may begin. */
  async #rotate(
    move: Move,
    old: OpenConnection<NC, S>,
    through: (succeeded: boolean) => void,
  ): Promise<RotationOutcome> {
    const { name: connection, role, events, rotation, clock = systemClock } = this.#settings;
    const { trigger, userInfo } = move;
    const within = this.#observe(move);
    const startedAt = clock.elapsed();
    let mode: RotatedMode = modeOf(rotation.mode);
    let hint: string | undefined;
    let noRoom: NoRoomError | undefined;
    const emit = (error?: Error) => {
      const durationMs = clock.elapsed() - startedAt;
      const outcome = error ? 'failure' : 'success';
      const more = error ? { error } : hint !== undefined ? { hint } : {};
      within?.end({ mode, outcome });
      const instead = noRoom && { fallback: noRoom };
      events.emit('rotated', { connection, role, mode, trigger, outcome, durationMs, ...instead, ...more });
    };
    try {
      const handover = mode === 'handover' ? await this.#handOver({ ...move, within }, old) : undefined;
      hint = handover?.hint;
      noRoom = handover?.noRoom;
      if (noRoom) mode = 'reconnect';
      if (mode === 'reconnect')
        await old.reconnect({ ...move, within, tryOut: !noRoom, timeoutMs: rotation.timeout });
    } catch (thrown) {
      // The old connection was lost, and reconnecting has achieved what the rotation was for.
      if (!isDue(old, trigger, userInfo)) {
        within?.end({ mode, outcome: 'reconnected' });
        through(false);
        return 'reconnected';
      }
      const dropped = mode === 'reconnect' && old.link.state !== 'connected';
      const error = new RotationFailedError(role, connection, asError(thrown), dropped);
      within?.failed(error);
      emit(error);
      through(false);
      throw error;
    }
    within?.note('took over');
    through(true);
    if (mode === 'handover') await this.#leave(old);
    emit();
    return mode === 'handover' ? 'rotated' : 'reconnected';
  }

  #observe({ trigger, userInfo }: Move): Operation | undefined {
    const { name: connection, role, rotation, observer } = this.#settings;
    const observed = observer?.begin('rotation', {
      connection,
      role,
      trigger,
      mode: modeOf(rotation.mode),
    });
    if (userInfo?.refresh) observed?.follows(userInfo.refresh);
    return observed;
  }

  /** Opens a successor of the connection in use and makes it current. Changes nothing if the account has no room for another connection. */
  async #handOver(
    { trigger, userInfo, signal, within }: Move & { readonly within?: Operation },
    old: OpenConnection<NC, S>,
  ): Promise<{ readonly noRoom?: NoRoomError; readonly hint?: string }> {
    while (this.#retiring.size >= MOST_RETIRING) await Promise.race(this.#retiring);
    try {
      const { connection, hint } = await old.openSuccessor({
        userInfo,
        hooks: this.#hooks(),
        signal,
        within,
      });
      await this.#makeCurrent(connection, old);
      old.emitReplaced(trigger);
      return { hint };
    } catch (error) {
      if (error instanceof NoRoomError) return { noRoom: error };
      throw error;
    }
  }

  /** Drains an old connection after a handover, and closes it. */
  #leave(old: OpenConnection<NC, S>): Promise<void> {
    const leaving = this.#finish(old, this.#settings.rotation.timeout).then(() => old.close());
    this.#retiring.add(leaving);
    return leaving.finally(() => this.#retiring.delete(leaving));
  }

  /** Begins nothing new, and aborts the opening of connections. */
  #endOpenings(): void {
    const reason = connectionClosed(this.#settings);
    this.#ending.abort(reason);
    this.#rotation?.attempt.abort(reason);
    this.#want({ when: 'never' });
  }

  async #drain(timeoutMs: number): Promise<void> {
    const { clock = systemClock } = this.#settings;
    this.#endOpenings();
    const over = new AbortController();
    const work = Promise.allSettled([
      openingOf(this.#life),
      this.#current && this.#finish(this.#current, timeoutMs),
      this.#rotation?.done,
      ...this.#retiring,
    ]);
    // A rotation may wait longer than that for pending handlers.
    await Promise.race([work, sleep(clock, timeoutMs, over.signal)]);
    over.abort();
  }

  async #finish(connection: OpenConnection<NC, S>, timeoutMs: number): Promise<void> {
    const { clock = systemClock, events, name, role } = this.#settings;
    const waitedMs = await finishWork(connection, timeoutMs, this.#closing.signal, clock);
    const { pending } = connection.session;
    if (pending === 0) return;
    events.emit('cutOff', { connection: name, role, pending, waitedMs });
    await cutOff(connection, clock);
  }

  async #close(): Promise<void> {
    const { clock = systemClock } = this.#settings;
    const { current, opened } = { current: this.#current, opened: openingOf(this.#life) };
    this.#endOpenings();
    this.#closing.abort(connectionClosed(this.#settings));
    if (current) {
      await cutOff(current, clock);
      await current.close();
    }
    await Promise.allSettled([opened, this.#rotation?.done, ...this.#retiring]);
    this.#settings.onClosed?.();
  }
}

/** The user info that a rotation moves to, and why; `signal` aborts the opening of another connection. */
type Move = Pick<Rotation, 'trigger' | 'userInfo'> & { readonly signal: AbortSignal };

/** What the server has accepted, while connected. */
function inUse(link: Link) {
  return link.state === 'connected' ? link.accepted : undefined;
}

/** Under `none` only the application rotates, and the connection stays the same object. */
function modeOf(mode: RotationMode): RotatedMode {
  return mode === 'handover' ? 'handover' : 'reconnect';
}

/** Whether a rotation would still change anything about a connection, which may have been lost and redialled meanwhile. */
function isDue<NC, S extends Session>(
  { link }: OpenConnection<NC, S>,
  trigger: RotationTrigger,
  userInfo: ResolvedUserInfo | undefined,
): boolean {
  if (link.state !== 'connected' || link.accepted.lameDuck) return true;
  return userInfo ? link.accepted.userInfo !== userInfo : trigger !== 'lame-duck';
}
