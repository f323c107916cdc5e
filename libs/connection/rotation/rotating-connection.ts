import { asError, backoffDelay, inOwnContext, sleep, systemClock } from '../../base/index.js';
import type { ResolvedUserInfo } from '../../credentials/index.js';
import type { AuthConnection, AuthConnectionSettings, ConnectionState } from '../auth-connection.js';
import { isSameServer, type ServerIdentity } from '../dialling/server-identity.js';
import { connectionClosed, NoRoomError, RotationFailedError } from '../errors.js';
import { establish, type Live, type LiveHooks } from './establish.js';
import type { RotationMode, RotationOutcome, RotationTrigger } from '../events.js';
import { cutOff, finishWork } from './finish-work.js';
import { interestHasSpread, type ProbeConnection, probeSubject, withoutProof } from './interest.js';
import { reconnectInPlace } from './reconnect-in-place.js';
import type { RotationSettings } from './rotation-options.js';
import type { Session } from './session.js';

/** What a rotating connection is made of. */
export interface RotatingConnectionSettings<NC, S extends Session> extends AuthConnectionSettings {
  readonly rotation: RotationSettings;
  /** Makes what the role does on a connection; `start()` is called once it is established. */
  readonly createSession: (nc: NC) => S;
  /** Hears which connection is current from now on: the first one, and each that took over. */
  readonly onCurrent?: (nc: NC, session: S) => void;
}

/** One attempt to move to other user info. */
interface Rotation {
  readonly trigger: RotationTrigger;
  readonly userInfo?: ResolvedUserInfo;
  /** Fulfils when the new connection serves, or there will be none: the next rotation may begin. */
  readonly through: Promise<void>;
  /** Fulfils when the old connection has closed, too. */
  readonly done: Promise<RotationOutcome>;
}

/** How many old connections may have work under way beside the one in use; the next rotation waits for one of them. */
const MOST_RETIRING = 4;

/**
 * The connection of one role over its whole life: it moves to newer user info and away from a server in lame-duck mode,
 * and opens a new connection when one was closed for good that nobody asked to close. All of that runs in no caller's async
 * context, whose caller is one of many that the connection serves.
 */
export class RotatingConnection<NC extends ProbeConnection, S extends Session> {
  readonly #settings: RotatingConnectionSettings<NC, S>;
  readonly #stop = new AbortController();
  #current?: Live<NC, S>;
  /** The connection that a handover is opening. */
  #next?: AuthConnection;
  #opening?: Promise<NC>;
  #rotation?: Rotation;
  /** The connections that were handed over from, until they are closed. */
  readonly #retiring = new Set<Promise<void>>();
  /** What a rotation is to follow for, once the connection that is being dialled is there. */
  #due?: RotationTrigger;
  /** Ends the wait for the old server to know the new subscriptions. */
  #interest?: AbortController;
  /** Ends the pause of a rotation that is tried again. */
  #retry?: AbortController;
  #draining?: Promise<void>;
  #closing?: Promise<void>;
  #unsubscribe = () => {};

  constructor(settings: RotatingConnectionSettings<NC, S>) {
    this.#settings = { ...settings, answerWithin: settings.rotation.dialTimeout };
  }

  get state(): ConnectionState {
    if (this.#closing) return 'closed';
    const state = this.#current?.connection.state ?? (this.#opening ? 'connecting' : 'idle');
    // One that is closed, though nobody asked for it, is being replaced.
    return state === 'closed' ? 'disconnected' : state;
  }

  get server(): string | undefined {
    return this.#current?.connection.server;
  }

  get serverIdentity(): ServerIdentity {
    return this.#current?.connection.serverIdentity ?? {};
  }

  get userInfo(): ResolvedUserInfo | undefined {
    return this.#current?.connection.userInfo;
  }

  /** The subscriptions that the server has refused on the current connection, each as a phrase. */
  get refusedSubscriptions(): readonly string[] {
    const { session, refusals } = this.#current ?? {};
    return session?.needsInterest && refusals ? refusals.all : [];
  }

  /** What the role does on the current connection. */
  get session(): S | undefined {
    return this.#current?.session;
  }

  /**
   * Connects and starts the session; later calls give the same promise. The errors are those of a first connect.
   * @throws {@link ClosedError} closed before, or while connecting.
   */
  open(): Promise<NC> {
    if (!this.#opening) {
      if (this.#closing) return Promise.reject(connectionClosed(this.#settings));
      this.#opening = inOwnContext(() => this.#open());
      this.#opening.catch(() => this.close());
    }
    return this.#opening;
  }

  /**
   * Moves the connection to `userInfo`, once, and resolves when the old connection is closed. One rotation at a time dials:
   * one to the same user info is joined, and another one is followed by one to what is newest then. Tells what came of it.
   * @throws {@link RotationFailedError} the old connection is still there, or was dropped and is being dialled again.
   * @throws {@link ClosedError} closed before it began.
   */
  rotate(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<RotationOutcome> {
    return inOwnContext(() => this.#rotateInTurn(trigger, userInfo));
  }

  async #rotateInTurn(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<RotationOutcome> {
    while (this.#rotation) {
      if (!userInfo || userInfo === this.#rotation.userInfo) return this.#rotation.done;
      await this.#rotation.through;
      userInfo = this.#settings.source.current;
    }
    if (this.#ending) throw connectionClosed(this.#settings);
    const old = this.#current;
    if (old?.connection.state !== 'connected') {
      // It is being dialled, perhaps with what it resolved before there was this user info.
      if (userInfo) this.#due = trigger;
      return 'disconnected';
    }
    if (!isDue(old, trigger, userInfo)) return 'current';
    return this.#begin(trigger, old, userInfo).done;
  }

  /** There is reason to doubt that the server is there: it is asked at once, and the connection dialled again when it says nothing. */
  doubt(): void {
    inOwnContext(() => this.#current?.connection.doubt());
  }

  /**
   * Takes no new work any more, and lets what is under way end, for at most `timeoutMs`; also on a connection that was handed over
   * from. Later calls give the same promise.
   */
  drain(timeoutMs: number): Promise<void> {
    this.#draining ??= inOwnContext(() => this.#drain(timeoutMs));
    return this.#draining;
  }

  /** Closes at any moment; nothing is left open. Safe to call again. */
  close(): Promise<void> {
    this.#closing ??= inOwnContext(() => this.#close());
    return this.#closing;
  }

  /** Whether nothing new is to begin. */
  get #ending(): boolean {
    return this.#draining !== undefined || this.#closing !== undefined;
  }

  async #open(): Promise<NC> {
    this.#unsubscribe = this.#settings.events.on('renewed', ({ connection, role, trigger, userInfo }) => {
      const { name, role: own } = this.#settings;
      if (connection === name && (role === own || role === 'shared') && trigger === 'ahead')
        void this.#rotateInBackground(trigger, userInfo);
    });
    const live = await this.#establish();
    this.#makeCurrent(live);
    return live.nc;
  }

  /**
   * @param overrides what differs from the settings, for a connection that takes over.
   * @param userInfo what that presents; default: what the source gives.
   * @param verify has a word on whether it can be used.
   */
  async #establish(
    overrides: Partial<AuthConnectionSettings> = {},
    userInfo?: ResolvedUserInfo,
    verify?: (live: Live<NC, S>) => Promise<void>,
  ): Promise<Live<NC, S>> {
    try {
      return await establish<NC, S>({
        settings: { ...this.#settings, ...overrides },
        createSession: this.#settings.createSession,
        userInfo,
        opening: (connection) => (this.#next = connection),
        verify: async (live) => {
          await verify?.(live);
          if (this.#ending) throw connectionClosed(this.#settings);
        },
        hooks: this.#hooks(),
      });
    } finally {
      this.#next = undefined;
    }
  }

  /** Made in a scope of their own: one that they shared with a handover would keep its old connection alive. */
  #hooks(): LiveHooks<NC, S> {
    const ifCurrent = (hear: () => unknown) => (live: Live<NC, S>) => {
      if (live === this.#current) void hear();
    };
    return {
      onLameDuck: ifCurrent(() => this.#rotateInBackground('ldm')),
      onReconnected: ifCurrent(() => this.#reconnected()),
      onDisconnected: ifCurrent(() => this.#interest?.abort()),
      onRefusal: (live, problem) => {
        if (live === this.#current) this.#tellRefusal(live, problem);
      },
    };
  }

  #makeCurrent(live: Live<NC, S>): void {
    // Current before it is told: who hears that it is connected finds it so.
    this.#current = live;
    this.#settings.onCurrent?.(live.nc, live.session);
    live.connection.takeOver();
    for (const problem of live.refusals.all) this.#tellRefusal(live, problem);
    this.#catchUp();
    void live.connection.closed.then(() => this.#recover(live));
  }

  #tellRefusal(live: Live<NC, S>, problem: string): void {
    const { name: connection, role, events } = this.#settings;
    if (live.session.needsInterest) events.emit('subscriptionRefused', { connection, role, problem });
  }

  /** nats.js ends what the application has subscribed with the connection, without a word. */
  #tellLeft({ connection: { subjectsOfApplication: subjects } }: Live<NC, S>): void {
    const { name: connection, role, events } = this.#settings;
    if (subjects.length > 0) events.emit('subscriptionsLeft', { connection, role, subjects });
  }

  /** It was lost during a rotation, perhaps, and is what that was to make of it. */
  #reconnected(): void {
    const { trigger, userInfo } = this.#rotation ?? {};
    if (this.#current && trigger && !isDue(this.#current, trigger, userInfo)) void this.#next?.close();
    this.#catchUp();
  }

  /** Moves a connection that is there again to what came while it was being dialled. */
  #catchUp(): void {
    const trigger = this.#due;
    this.#due = undefined;
    const { current } = this.#settings.source;
    if (trigger && current && this.userInfo !== current)
      // Once it has told that it is connected.
      queueMicrotask(() => void this.#rotateInBackground(trigger, current));
  }

  /** A connection that was closed for good, though nobody asked for it, is replaced, for as long as it takes. */
  async #recover(lost: Live<NC, S>): Promise<void> {
    const { clock = systemClock, random = Math.random, rotation } = this.#settings;
    // A handover that is under way may put another one in its place.
    await this.#rotation?.through;
    for (let failures = 1; this.#current === lost && !this.#ending; failures++) {
      try {
        this.#makeCurrent(await this.#establish({ kind: 'reconnect' }));
        this.#tellLeft(lost);
        return;
      } catch {
        // Each failure was told by the events of the source and of the connection.
        await sleep(clock, backoffDelay(rotation.retry, failures, random), this.#stop.signal).catch(() => {});
      }
    }
  }

  /**
   * Rotates, again and again until it has worked. Failures are told by the event `rotated`. A later call takes the place of
   * one that has failed.
   */
  async #rotateInBackground(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<void> {
    const { clock = systemClock, random = Math.random, rotation, source } = this.#settings;
    if (rotation.mode === 'none') return;
    this.#retry?.abort();
    const { signal } = (this.#retry = new AbortController());
    for (let failures = 1; !this.#ending; failures++) {
      try {
        await this.rotate(trigger, userInfo);
        return;
      } catch {
        await sleep(clock, backoffDelay(rotation.retry, failures, random), signal).catch(() => {});
      }
      if (signal.aborted) return;
      userInfo = source.current;
    }
  }

  #begin(trigger: RotationTrigger, old: Live<NC, S>, userInfo?: ResolvedUserInfo): Rotation {
    let isThrough = () => {};
    const through = new Promise<void>((resolve) => (isThrough = resolve));
    const done = this.#rotate(trigger, old, userInfo, (succeeded) => {
      this.#rotation = undefined;
      isThrough();
      // Its server may have said so while it was not in use yet.
      if (succeeded && this.#current?.connection.lameDuck) void this.#rotateInBackground('ldm');
    });
    return (this.#rotation = { trigger, userInfo, through, done });
  }

  /** @param through is called when the next rotation may begin. */
  async #rotate(
    trigger: RotationTrigger,
    old: Live<NC, S>,
    userInfo: ResolvedUserInfo | undefined,
    through: (succeeded: boolean) => void,
  ): Promise<RotationOutcome> {
    const { name: connection, role, events, rotation } = this.#settings;
    const startedAt = performance.now();
    let mode: RotationMode = rotation.mode === 'handover' ? 'handover' : 'reconnect';
    let hint: string | undefined;
    const tell = (error?: Error) => {
      const durationMs = performance.now() - startedAt;
      const outcome = error ? 'failure' : 'success';
      const more = error ? { error } : hint !== undefined ? { hint } : {};
      events.emit('rotated', { connection, role, mode, trigger, outcome, durationMs, ...more });
    };
    try {
      const handover = mode === 'handover' ? await this.#handOver(trigger, old, userInfo) : undefined;
      hint = handover?.hint;
      if (handover?.noRoom) mode = 'reconnect';
      if (mode === 'reconnect') await this.#reconnect(trigger, old, userInfo, !handover?.noRoom);
    } catch (thrown) {
      // It was lost, and dialling it again has led to what the rotation was for.
      if (!isDue(old, trigger, userInfo)) {
        through(false);
        return 'reconnected';
      }
      const dropped = mode === 'reconnect' && old.connection.state !== 'connected';
      const error = new RotationFailedError(role, connection, asError(thrown), dropped);
      tell(error);
      through(false);
      throw error;
    }
    through(true);
    if (mode === 'handover') await this.#leave(old);
    tell();
    return mode === 'handover' ? 'rotated' : 'reconnected';
  }

  /** Opens a connection beside the one in use and makes it current. Nothing has happened where the account has no room for it. */
  async #handOver(
    trigger: RotationTrigger,
    old: Live<NC, S>,
    userInfo?: ResolvedUserInfo,
  ): Promise<{ readonly noRoom?: boolean; readonly hint?: string }> {
    while (this.#retiring.size >= MOST_RETIRING) await Promise.race(this.#retiring);
    let live: Live<NC, S>;
    let hint: string | undefined;
    try {
      live = await this.#establish(this.#besides(old), userInfo, async (next) => {
        hint = await this.#awaitInterest(old, next);
      });
    } catch (error) {
      if (error instanceof NoRoomError) return { noRoom: true };
      throw error;
    }
    old.connection.retire();
    this.#makeCurrent(live);
    this.#tellLeft(old);
    old.connection.tellReplaced(trigger);
    return { hint };
  }

  /** @param hasRoom whether the account may have room for a second connection. */
  #reconnect(
    trigger: RotationTrigger,
    old: Live<NC, S>,
    userInfo: ResolvedUserInfo | undefined,
    hasRoom: boolean,
  ): Promise<void> {
    const { clock = systemClock, rotation } = this.#settings;
    return reconnectInPlace(old, {
      trigger,
      userInfo,
      trial: hasRoom ? { ...this.#settings, ...this.#besides(old) } : undefined,
      opening: (connection) => (this.#next = connection),
      timeoutMs: rotation.timeout,
      stop: this.#stop.signal,
      clock,
    }).finally(() => (this.#next = undefined));
  }

  /** What differs for a connection that is opened beside the one in use. */
  #besides({ connection }: Live<NC, S>): Partial<AuthConnectionSettings> {
    const { orderOfSuccessor: order, lameDuck, serverIdentity } = connection;
    const options = { ...this.#settings.options, waitOnFirstConnect: false };
    return { kind: 'handover', order, leaving: lameDuck ? serverIdentity : undefined, options };
  }

  /** Lets what is under way on a connection that was handed over from come to its end, and closes it. */
  #leave(old: Live<NC, S>): Promise<void> {
    const leaving = this.#finish(old, this.#settings.rotation.timeout).then(() => old.connection.close());
    this.#retiring.add(leaving);
    return leaving.finally(() => this.#retiring.delete(leaving));
  }

  /**
   * The old server must know the new subscriptions before it forgets the old ones.
   * @returns a hint, where that cannot be seen.
   */
  async #awaitInterest(old: Live<NC, S>, next: Live<NC, S>): Promise<string | undefined> {
    const { clock = systemClock, options } = this.#settings;
    const [from, to] = [old.connection.serverIdentity, next.connection.serverIdentity];
    if (!next.session.needsInterest || isSameServer(from, to)) return undefined;
    if (old.connection.state !== 'connected') return undefined;
    this.#interest = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#interest.signal]);
    const denied = await interestHasSpread(old, next, probeSubject(options.inboxPrefix), clock, signal);
    return denied && withoutProof(denied, options.inboxPrefix);
  }

  async #drain(timeoutMs: number): Promise<void> {
    const { clock = systemClock } = this.#settings;
    const over = new AbortController();
    const work = Promise.allSettled([
      this.#next?.close(),
      this.#current && this.#finish(this.#current, timeoutMs),
      this.#rotation?.done,
      ...this.#retiring,
    ]);
    // A rotation may wait for its handlers for longer.
    await Promise.race([work, sleep(clock, timeoutMs, over.signal)]);
    over.abort();
  }

  async #finish(live: Live<NC, S>, timeoutMs: number): Promise<void> {
    const { clock = systemClock, events, name, role } = this.#settings;
    const waitedMs = await finishWork(live, timeoutMs, this.#stop.signal, clock);
    const { pending } = live.session;
    if (pending === 0) return;
    events.emit('cutOff', { connection: name, role, pending, waitedMs });
    await cutOff(live, clock);
  }

  async #end(live: Live<NC, S>): Promise<void> {
    const { clock = systemClock } = this.#settings;
    await cutOff(live, clock);
    await live.connection.close();
  }

  async #close(): Promise<void> {
    this.#stop.abort(connectionClosed(this.#settings));
    this.#retry?.abort();
    this.#unsubscribe();
    await Promise.all([this.#next?.close(), this.#current && this.#end(this.#current)]);
    await Promise.allSettled([this.#opening, this.#rotation?.done, ...this.#retiring]);
    // A connection that was established while this was closing.
    await this.#current?.connection.close();
  }
}

/** Whether a rotation would change anything about a connection, which may have been lost and dialled again meanwhile. */
function isDue(
  { connection }: { readonly connection: AuthConnection },
  trigger: RotationTrigger,
  userInfo: ResolvedUserInfo | undefined,
): boolean {
  if (connection.state !== 'connected' || connection.lameDuck) return true;
  return userInfo ? connection.userInfo !== userInfo : trigger !== 'ldm';
}
