import { Emitter, sleep, VirtualClock } from '../../base/index.js';
import { ResolvedUserInfo } from '../../credentials/index.js';
import { ConnectRefusedError } from '../errors.js';
import type { NatsAuthEvents, RotationTrigger } from '../events.js';
import { acceptedBy } from '../link.fixture.js';
import { acceptedOf, type Link, type LinkEvent, nextLink } from '../link.js';
import type { InPlace, OpenConnection, OpenConnectionHooks, Opening } from './open-connection.js';
import type { Session } from './session.js';

/** How a server responds to one dial. */
export interface DialOutcome {
  readonly takesMs: number;
  readonly result: 'accepted' | 'refused' | 'no room';
}

/** How long the pending work of a session takes when it drains, in ms. */
export type WorkMs = number;

type Nc = { flush(): Promise<void> };
type Hooks = OpenConnectionHooks<Nc, Session>;

/** Simulates connections to servers according to a script, on a virtual clock. */
export class ConnectionWorld {
  readonly clock = new VirtualClock();
  readonly events = new Emitter<NatsAuthEvents>();
  readonly connections: ModelConnection[] = [];
  /** Violations of the invariants. */
  readonly violations: string[] = [];
  /** The application is draining or closing the connection of the role. */
  ending = false;
  readonly source = new ModelSource();
  /** Timers of sessions whose work has not finished. */
  working = 0;
  #opening = 0;

  /** @param dials how servers respond to dials, in order; later dials are accepted at once. */
  constructor(
    private readonly dials: DialOutcome[],
    private readonly workMs: WorkMs = 0,
  ) {}

  get current(): ModelConnection | undefined {
    return this.connections.find(({ standing }) => standing === 'current');
  }

  async open({ hooks, userInfo, signal }: Opening<Nc, Session>): Promise<ModelConnection> {
    if (++this.#opening > 1) this.violations.push('two connections are being opened at once');
    const connection = new ModelConnection(this, hooks, this.workMs);
    this.connections.push(connection);
    try {
      connection.become({ type: 'opened' });
      // A dial presents the user info that was resolved before it, however long it takes.
      const presented = userInfo ?? this.source.current;
      await this.dial(signal);
      connection.accept(presented);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      this.#opening--;
    }
  }

  /** @throws {Error} as scripted, and when it is aborted. */
  async dial(signal: AbortSignal): Promise<void> {
    const { takesMs, result } = this.dials.shift() ?? { takesMs: 0, result: 'accepted' };
    await sleep(this.clock, takesMs, signal);
    if (result === 'no room') throw new ConnectRefusedError('maximum connections exceeded', 100);
    if (result === 'refused') throw new Error('Refused by the script.');
  }

  checkCurrent(): void {
    const current = this.connections.filter(({ standing }) => standing === 'current');
    if (current.length > 1) this.violations.push('two connections are current');
  }
}

/** A source that provides newer user info when a test says so. */
class ModelSource {
  current = new ResolvedUserInfo({ token: '0' }, 0);
  readonly #listeners = new Set<(userInfo: ResolvedUserInfo, cause: 'expiring' | 'changed') => void>();
  #count = 0;

  get listening(): number {
    return this.#listeners.size;
  }

  onNewer = (listener: (userInfo: ResolvedUserInfo, cause: 'expiring' | 'changed') => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  refresh(): ResolvedUserInfo {
    return (this.current = new ResolvedUserInfo({ token: String(++this.#count) }, 0));
  }

  renew(cause: 'expiring' | 'changed'): void {
    const userInfo = this.refresh();
    for (const listener of this.#listeners) listener(userInfo, cause);
  }
}

/** A connection that has no server. */
export class ModelConnection implements OpenConnection<Nc, Session> {
  standing: 'candidate' | 'current' | 'retired' = 'candidate';
  link: Link = { state: 'idle' };
  readonly nc = { flush: () => Promise.resolve() };
  readonly session: Session;
  readonly closed: Promise<void>;
  readonly refusals = [];
  readonly #over = new AbortController();
  #settle = () => {};

  constructor(
    private readonly world: ConnectionWorld,
    private readonly hooks: Hooks,
    workMs: number,
  ) {
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    this.session = {
      needsInterest: false,
      pending: 0,
      start: () => {},
      drain: () => Promise.resolve(),
      idle: () =>
        new Promise((resolve) => {
          world.working++;
          world.clock.after(workMs, () => {
            world.working--;
            resolve();
          });
        }),
      rest: () => Promise.resolve(),
    };
  }

  become(event: LinkEvent): void {
    this.link = nextLink(this.link, event);
  }

  accept(userInfo: ResolvedUserInfo): void {
    if (this.link.state === 'closed') return;
    this.become({ type: 'accepted', accepted: acceptedBy('nats:4222', { userInfo }) });
    this.become({ type: 'ready' });
    this.hooks.onReconnected(this);
  }

  takeOver(): void {
    this.standing = 'current';
    this.world.checkCurrent();
  }

  async openSuccessor(opening: Opening<Nc, Session>) {
    return { connection: await this.world.open(opening) };
  }

  async reconnect({ userInfo, tryOut, signal }: InPlace): Promise<void> {
    if (tryOut) await this.world.dial(signal);
    if (this.link.state !== 'connected') return;
    this.lose();
    await this.redial(userInfo);
  }

  doubt(): void {}

  retire(): readonly Uint8Array[] {
    this.standing = 'retired';
    if (this.link.state === 'disconnected') void this.close();
    return [];
  }

  emitReplaced(_cause?: RotationTrigger): void {}

  close(): Promise<void> {
    const serves = this.standing === 'current' && this.link.state !== 'closed';
    if (serves && !this.world.ending)
      this.world.violations.push('the connection in use was closed, and no other one serves');
    return this.end();
  }

  /** Closes it, whether the application or the server wanted that. */
  end(): Promise<void> {
    this.become({ type: 'closed' });
    this.standing = 'retired';
    this.#over.abort(new Error('It was closed.'));
    this.#settle();
    return this.closed;
  }

  /** The network breaks. */
  lose(): void {
    this.become({ type: 'lost' });
    if (this.standing === 'retired') void this.end();
  }

  /** Dials until a server accepts it, or it is closed. */
  async redial(userInfo?: ResolvedUserInfo): Promise<void> {
    while (this.link.state === 'disconnected') {
      const presented = userInfo ?? this.world.source.current;
      const dialled = await this.world.dial(this.#over.signal).then(
        () => true,
        () => false,
      );
      // A connection that was closed meanwhile accepts nothing.
      if (dialled) return this.accept(presented);
    }
    if (acceptedOf(this.link) === undefined) throw new Error('It was closed.');
  }

  announceLameDuck(): void {
    this.become({ type: 'lameDuck' });
    this.hooks.onLameDuck(this);
  }
}
