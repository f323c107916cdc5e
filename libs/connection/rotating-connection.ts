import { asError, backoffDelay, type ResolvedUserInfo, sleep, systemClock } from '../credentials/index.js';
import { AuthConnection, type AuthConnectionSettings, type ConnectionState } from './auth-connection.js';
import { connectionClosed, ConnectRefusedError, RotationFailedError } from './errors.js';
import type { RotationMode, RotationTrigger } from './events.js';
import { interestHasSpread, type ProbeConnection, probeSubject } from './interest.js';
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

/** One established connection and what the role does on it. */
interface Live<NC, S> {
  readonly connection: AuthConnection;
  readonly nc: NC;
  readonly session: S;
}

/** One attempt to move to other user info; it fulfils when the old connection has closed. */
interface Rotation {
  readonly userInfo?: ResolvedUserInfo;
  readonly done: Promise<void>;
}

/**
 * The connection of one role over its whole life: it moves to newer user info and away from a server in lame-duck mode,
 * and opens a new connection when one was closed for good that nobody asked to close.
 */
export class RotatingConnection<NC extends ProbeConnection, S extends Session> {
  readonly #settings: RotatingConnectionSettings<NC, S>;
  readonly #stop = new AbortController();
  #current?: Live<NC, S>;
  /** The connection that a handover is opening. */
  #next?: AuthConnection;
  #opening?: Promise<NC>;
  #rotation?: Rotation;
  /** Ends the pause of a rotation that is tried again. */
  #retry?: AbortController;
  #draining?: Promise<void>;
  #closing?: Promise<void>;
  #unsubscribe = () => {};

  constructor(settings: RotatingConnectionSettings<NC, S>) {
    this.#settings = settings;
  }

  get state(): ConnectionState {
    if (this.#closing) return 'closed';
    return this.#current?.connection.state ?? (this.#opening ? 'connecting' : 'idle');
  }

  get server(): string | undefined {
    return this.#current?.connection.server;
  }

  get userInfo(): ResolvedUserInfo | undefined {
    return this.#current?.connection.userInfo;
  }

  /** What the role does on the current connection. */
  get session(): S | undefined {
    return this.#current?.session;
  }

  /**
   * Connects and starts the session; later calls give the same promise. The errors are those of a first connect.
   * @throws {@link ClosedError} closed while connecting.
   */
  open(): Promise<NC> {
    if (!this.#opening) {
      this.#opening = this.#open();
      this.#opening.catch(() => this.close());
    }
    return this.#opening;
  }

  /**
   * Moves the connection to `userInfo`, once. Rotations never overlap: one to the same user info is joined, and another one
   * is followed by one to what is newest then.
   * @throws {@link RotationFailedError} the old connection is still there.
   * @throws {@link ClosedError} closed before it began.
   */
  async rotate(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<void> {
    while (this.#rotation) {
      if (!userInfo || userInfo === this.#rotation.userInfo) return this.#rotation.done;
      await this.#rotation.done.catch(() => {});
      userInfo = this.#settings.source.current;
    }
    if (this.#closing) throw connectionClosed(this.#settings);
    const old = this.#current;
    // A connection that is being dialled resolves anyway; one that has moved on meanwhile needs no rotation.
    if (old?.connection.state !== 'connected') return;
    if (old.connection.userInfo === userInfo && !old.connection.lameDuck) return;
    const done = this.#rotate(trigger, old, userInfo).finally(() => (this.#rotation = undefined));
    this.#rotation = { userInfo, done };
    await done;
    // Its server may have said so while the old connection had handlers to wait for.
    if (this.#current?.connection.lameDuck) void this.#rotateInBackground('ldm');
  }

  /** Lets the current session finish its work, for at most `timeoutMs`; later calls give the same promise. */
  drain(timeoutMs: number): Promise<void> {
    this.#draining ??= this.#current ? this.#finish(this.#current, timeoutMs) : Promise.resolve();
    return this.#draining;
  }

  /** Closes at any moment; nothing is left open. Safe to call again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<NC> {
    this.#unsubscribe = this.#settings.events.on('renewed', ({ connection, trigger, userInfo }) => {
      if (connection === this.#settings.name && trigger === 'ahead')
        void this.#rotateInBackground(trigger, userInfo);
    });
    const live = await this.#establish();
    this.#makeCurrent(live);
    return live.nc;
  }

  /**
   * @param overrides what differs from the settings, for a connection that takes over.
   * @param userInfo what that presents; default: what the source gives.
   * @param verify has the last word on whether it can be used.
   */
  async #establish(
    overrides: Partial<AuthConnectionSettings> = {},
    userInfo?: ResolvedUserInfo,
    verify?: (live: Live<NC, S>) => Promise<void>,
  ): Promise<Live<NC, S>> {
    let live: Live<NC, S> | undefined;
    const denied: string[] = [];
    const settings: AuthConnectionSettings = {
      ...this.#settings,
      ...overrides,
      onLameDuck: () => {
        if (live && live === this.#current) void this.#rotateInBackground('ldm');
      },
      session: {
        connected: () => live?.session.connected?.(),
        disconnected: () => live?.session.disconnected?.(),
        permissionDenied: (operation, subject) => {
          if (operation === 'subscription') denied.push(subject);
          live?.session.permissionDenied?.(operation, subject);
        },
      },
    };
    const connection = new AuthConnection(settings, userInfo);
    this.#next = connection;
    try {
      const nc = await connection.open<NC>();
      const session = this.#settings.createSession(nc);
      live = { connection, nc, session };
      void connection.closed.then(() => session.closed?.());
      live.session.start();
      if (overrides.kind === 'handover') {
        // nats.js leaves the flush of a connection that is closed meanwhile open for ever, and our close would wait for it.
        await Promise.race([
          nc.flush(),
          connection.closed.then(() => Promise.reject(connectionClosed(this.#settings))),
        ]);
        if (denied.length > 0)
          throw new Error(`The new user info may not subscribe to '${denied.join(`', '`)}'.`);
      }
      await verify?.(live);
      return live;
    } catch (error) {
      connection.retire();
      await connection.close();
      throw error;
    } finally {
      this.#next = undefined;
    }
  }

  #makeCurrent(live: Live<NC, S>): void {
    this.#current = live;
    this.#settings.onCurrent?.(live.nc, live.session);
    void live.connection.closed.then(() => {
      if (this.#current === live && !this.#closing) void this.#recover();
    });
  }

  /** A connection that was closed for good is replaced, for as long as it takes. */
  async #recover(): Promise<void> {
    const { clock = systemClock, random = Math.random, rotation } = this.#settings;
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      try {
        this.#makeCurrent(await this.#establish({ kind: 'reconnect' }));
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
    for (let failures = 1; !this.#closing; failures++) {
      try {
        return await this.rotate(trigger, userInfo);
      } catch {
        await sleep(clock, backoffDelay(rotation.retry, failures, random), signal).catch(() => {});
      }
      if (signal.aborted) return;
      userInfo = source.current;
    }
  }

  async #rotate(trigger: RotationTrigger, old: Live<NC, S>, userInfo?: ResolvedUserInfo): Promise<void> {
    const { name: connection, role, events, rotation } = this.#settings;
    const startedAt = performance.now();
    let mode: RotationMode = rotation.mode === 'handover' ? 'handover' : 'reconnect';
    const tell = (error?: Error) => {
      const durationMs = performance.now() - startedAt;
      const outcome = error ? 'failure' : 'success';
      events.emit('rotated', { connection, role, mode, trigger, outcome, durationMs, error });
    };
    try {
      if (mode === 'handover') {
        try {
          await this.#handOver(trigger, old, userInfo);
        } catch (error) {
          if (!isCapacity(error)) throw error;
          mode = 'reconnect';
        }
      }
      if (mode === 'reconnect') await old.connection.reconnect(trigger, userInfo);
    } catch (thrown) {
      const error = new RotationFailedError(role, connection, asError(thrown));
      tell(error);
      throw error;
    }
    tell();
  }

  async #handOver(trigger: RotationTrigger, old: Live<NC, S>, userInfo?: ResolvedUserInfo): Promise<void> {
    const { options } = this.#settings;
    const servers = trigger === 'ldm' ? old.connection.otherServers() : old.connection.sameServerFirst();
    const live = await this.#establish(
      { kind: 'handover', options: { ...options, ...servers, waitOnFirstConnect: false } },
      userInfo,
      (next) => this.#awaitInterest(old, next),
    );
    old.connection.retire();
    // Current before it is told: who hears `replaced` finds the new connection.
    this.#makeCurrent(live);
    live.connection.takeOver();
    old.connection.tellReplaced(trigger);
    await this.#finish(old, this.#settings.rotation.timeout);
    await old.connection.close();
  }

  /** The old server must know the new subscriptions before it forgets the old ones. */
  async #awaitInterest(old: Live<NC, S>, next: Live<NC, S>): Promise<void> {
    const { clock = systemClock, options, role } = this.#settings;
    if (role !== 'server' || old.connection.server === next.connection.server) return;
    if (old.connection.state !== 'connected') return;
    await interestHasSpread(old.nc, next.nc, probeSubject(options.inboxPrefix), clock, this.#stop.signal);
  }

  async #finish({ connection, session }: Live<NC, S>, timeoutMs: number): Promise<void> {
    const { clock = systemClock } = this.#settings;
    const timeUp = new AbortController();
    const finished = session.drain().then(() => session.idle());
    const late = sleep(clock, timeoutMs, AbortSignal.any([timeUp.signal, this.#stop.signal]));
    await Promise.race([finished, late, connection.closed]).catch(() => {});
    timeUp.abort();
    if (session.pending > 0) {
      const { events, name, role } = this.#settings;
      events.emit('cutOff', { connection: name, role, pending: session.pending, timeoutMs });
    }
  }

  async #close(): Promise<void> {
    this.#stop.abort(connectionClosed(this.#settings));
    this.#retry?.abort();
    this.#unsubscribe();
    await Promise.all([this.#next?.close(), this.#current?.connection.close()]);
    await Promise.allSettled([this.#opening, this.#rotation?.done]);
    // A connection that was established while this was closing.
    await this.#current?.connection.close();
  }
}

/** The account or the server allows no second connection. */
function isCapacity(error: unknown): boolean {
  return (
    error instanceof ConnectRefusedError && /maximum .*connections exceeded/i.test(error.serverMessage ?? '')
  );
}
