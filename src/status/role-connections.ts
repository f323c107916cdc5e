import type {
  ConnectionState,
  RotatingConnection,
  RotationOutcome,
  ServerIdentity,
  Session,
} from '../../libs/connection/index.js';
import type { ResolvedUserInfo, Role } from '../../libs/credentials/index.js';
import type { NatsConnection } from '../module/nats-connection.js';

/** What the status and rotations need of a connection. */
type Visible = Pick<
  RotatingConnection<NatsConnection, Session>,
  | 'state'
  | 'server'
  | 'serverIdentity'
  | 'userInfo'
  | 'lameDuck'
  | 'refusedSubscriptions'
  | 'toleratedRefusals'
  | 'rotate'
>;

/** The newest connection of each role that has been used. */
export class RoleConnections {
  readonly #roles = new Map<Role, RoleConnection>();

  /** The connection of the role is connected from now on, or is not any more. */
  serving(role: Role, serving: boolean): void {
    const connection = this.#roles.get(role);
    if (serving) connection?.cameUp();
    else connection?.wentDown();
  }

  /** The role begins to connect. */
  begin(role: Role, connection: Visible): void {
    this.#roles.set(role, new RoleConnection(connection, this.#roles.get(role)));
  }

  /** The application closes the connection of the role: its absence is no failure. */
  release(role: Role): void {
    this.#roles.get(role)?.release();
  }

  get(role: Role): RoleConnection | undefined {
    return this.#roles.get(role);
  }

  entries(): IterableIterator<[Role, RoleConnection]> {
    return this.#roles.entries();
  }
}

/** The connection of one role, and since when it is up or is not. */
export class RoleConnection {
  #since: Moment;
  #up = false;
  #served = false;
  #released = false;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly connection: Visible,
    before?: RoleConnection,
  ) {
    // First connects that fail, one after the other, are one outage.
    this.#since = before?.downMs === undefined ? moment() : before.#since;
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  get server(): string | undefined {
    return this.connection.server;
  }

  get serverIdentity(): ServerIdentity {
    return this.connection.serverIdentity;
  }

  get userInfo(): ResolvedUserInfo | undefined {
    return this.connection.userInfo;
  }

  /** Whether its server has announced that it will close it. */
  get lameDuck(): boolean {
    return this.connection.lameDuck;
  }

  get refusedSubscriptions(): readonly string[] {
    return this.connection.refusedSubscriptions;
  }

  /** Whether it has been used, and the application has not closed it. */
  get wanted(): boolean {
    // One that has served is closed only by the application, which may do so without us.
    const isClosed = this.#released || (this.#served && this.state === 'closed');
    return this.state !== 'idle' && !isClosed;
  }

  get toleratedRefusals(): readonly string[] {
    return this.connection.toleratedRefusals;
  }

  /** In ms since the epoch. */
  get since(): number {
    return this.#since.wallClock;
  }

  /** For how long somebody has wanted it and it has not been there, in ms; a wall clock that is set does not change it. */
  get downMs(): number | undefined {
    return this.wanted && this.state !== 'connected' ? performance.now() - this.#since.monotonic : undefined;
  }

  /** Resolves when it is up or no longer wanted; `undefined` while that is the case. */
  settled(): Promise<void> | undefined {
    return this.downMs === undefined ? undefined : new Promise((resolve) => this.#waiting.push(resolve));
  }

  rotate(userInfo: ResolvedUserInfo): Promise<RotationOutcome> {
    return this.connection.rotate('manual', userInfo);
  }

  cameUp(): void {
    this.#up = this.#served = true;
    this.#since = moment();
    this.#letGo();
  }

  wentDown(): void {
    if (!this.#up) return;
    this.#up = false;
    this.#since = moment();
  }

  release(): void {
    this.#released = true;
    this.#letGo();
  }

  #letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A moment by the wall clock, for display, and by the monotonic clock, for durations; both in ms. */
interface Moment {
  readonly wallClock: number;
  readonly monotonic: number;
}

function moment(): Moment {
  return { wallClock: Date.now(), monotonic: performance.now() };
}
