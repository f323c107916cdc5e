import { Injectable } from '@nestjs/common';

import type {
  ConnectionState,
  FollowedConnection,
  NatsAuthEvents,
  NatsConnectOptions,
  RotationOutcome,
} from '../../libs/connection/index.js';
import type {
  CredentialSource,
  ResolvedUserInfo,
  Role,
  UserInfoSummary,
} from '../../libs/credentials/index.js';
import type { ConnectionOptionsRequest, FollowOptions } from '../external/external-connections.js';
import { healthSettings, type NatsAuthHealthOptions } from '../health/health-options.js';
import { healthReport, type NatsAuthHealthReport, type RoleFacts } from '../health/health-report.js';
import type { NatsConnection } from '../module/nats-connection.js';
import type { Registration } from '../module/registration.js';
import { type LastError, LastErrors } from './last-errors.js';
import type { RoleConnection } from './role-connections.js';
import { Troubles } from './troubles.js';

/**
 * What may be told about one connection.
 * @public
 */
export interface ConnectionStatus {
  /** Whether there is a connection; `idle` before the first connect, `closed` for good. */
  readonly state: ConnectionState;
  /** Since when it is connected, or is not, in ms since the epoch. */
  readonly since: number;
  /** `host:port` of the server it is, or was last, connected to; behind a load balancer several share it. */
  readonly server?: string;
  /** The id that this server has from its start to its end. */
  readonly serverId?: string;
  /** The name in its configuration, or its id. */
  readonly serverName?: string;
  /** Kind and expiry of the user info that the server accepted; absent while disconnected. */
  readonly userInfo?: UserInfoSummary;
  /** What keeps it down, or came of the last dial for a rotation that failed; absent once a connection is established after it. */
  readonly lastError?: LastError;
  /**
   * What the server has refused: its handlers hear nothing, or the replies to requests do not arrive. Absent when there is
   * nothing.
   */
  readonly refusedSubscriptions?: readonly string[];
  /** The same for the handlers that may be refused, as `handlers.mayBeRefused` says. */
  readonly toleratedRefusals?: readonly string[];
}

/**
 * What may be told about one registration. It holds no secret.
 * @public
 */
export interface NatsAuthStatus {
  /** The registration's name. */
  readonly name: string;
  /** Its connections; a role that was never used is absent. */
  readonly connections: Partial<Record<Role, ConnectionStatus>>;
  /** When a provider call last returned usable user info, in ms since the epoch. */
  readonly lastRefresh?: number;
  /**
   * What went wrong last, of all that has not been made good: a dial that failed or was rejected, until the connection of its role is
   * established; a failure of the provider, until a call of it succeeds or a connection is established.
   */
  readonly lastError?: LastError;
  /** How well it is, as `NatsAuthService.health()` says by default. */
  readonly health: NatsAuthHealthReport;
}

/**
 * What `NatsAuthService.rotate()` did for each role; one that was never used is absent.
 * @public
 */
export type RotationResult = Readonly<Partial<Record<Role, RotationOutcome>>>;

/**
 * Status, events and manual control of one registration, for admin endpoints, health checks and tests.
 * @public
 */
@Injectable()
export class NatsAuthService {
  #lastRefresh?: number;
  readonly #errors = new LastErrors();
  readonly #troubles = new Troubles();

  /** @internal Made by `NatsAuthModule`. */
  constructor(private readonly registration: Registration) {
    this.on('refreshed', ({ userInfo }) => (this.#lastRefresh = userInfo.resolvedAt));
    this.#errors.follow(registration.events);
    this.#troubles.follow(registration.events);
  }

  /** How the registration is at this moment. */
  get status(): NatsAuthStatus {
    const connections: Partial<Record<Role, ConnectionStatus>> = {};
    for (const [role, connection] of this.registration.connections.entries()) {
      const { state, since, server, serverIdentity, userInfo } = connection;
      const { refusedSubscriptions, toleratedRefusals } = connection;
      const lastError = this.#errors.of(role, connection.downMs !== undefined);
      connections[role] = {
        state,
        since,
        server,
        ...serverIdentity,
        userInfo: userInfo?.toJSON(),
        ...(lastError && { lastError }),
        ...(refusedSubscriptions.length > 0 && { refusedSubscriptions: [...refusedSubscriptions] }),
        ...(toleratedRefusals.length > 0 && { toleratedRefusals: [...toleratedRefusals] }),
      };
    }
    return {
      name: this.registration.name,
      connections,
      lastRefresh: this.#lastRefresh,
      lastError: this.#errors.last,
      health: this.health(),
    };
  }

  /**
   * What is wrong at this moment, if anything, and whether this instance can do its work all the same: `up`, `degraded` or `down`.
   * @throws {@link OptionsInvalidError} an option is not accepted.
   */
  health(options: NatsAuthHealthOptions = {}): NatsAuthHealthReport {
    const used = [...this.registration.connections.entries()].filter(([, connection]) => connection.wanted);
    const facts = used.map(([role, connection]) => this.#facts(role, connection));
    return healthReport(facts, healthSettings(options), Date.now());
  }

  /** Subscribes to an event; the returned function unsubscribes. A listener that throws disturbs nothing. */
  on<K extends keyof NatsAuthEvents>(event: K, listener: (event: NatsAuthEvents[K]) => void): () => void {
    return this.registration.events.on(event, listener);
  }

  /**
   * The nats.js connection that `@InjectNatsAuthConnection()` injects, opened if it is not open yet: the same object for everybody and for
   * ever. After a first connect that has failed the next call tries anew. What the application has closed stays closed.
   * @typeParam NC the type that the nats.js package has for it, as `unwrap()` takes it.
   * @throws what a first connect throws, such as {@link RejectedError}, {@link ServerUnreachableError}, {@link UserInfoUnavailableError}.
   * @throws {@link ClosedError} the application has shut down.
   */
  async connection<NC = NatsConnection>(): Promise<NC> {
    return (await this.registration.injected.open()) as NC;
  }

  /**
   * Calls the provider now, at most `refresh.retry.maxAttempts` times; the next establishment may share the result. It does
   * not touch live connections. Under `refresh.perRole` it calls for each role that is in use, and tells of what expires first.
   * @throws {@link UserInfoUnavailableError} {@link ClosedError}
   */
  async refresh(): Promise<UserInfoSummary> {
    const refreshed = [...(await this.#refreshed()).values()].map((userInfo) => userInfo.toJSON());
    return refreshed.reduce((first, next) =>
      (next.expiresAt ?? Infinity) < (first.expiresAt ?? Infinity) ? next : first,
    );
  }

  /**
   * Calls the provider now, at most `refresh.retry.maxAttempts` times, and moves every live connection of the registration to
   * what it gives. A rotation under way comes first. Under `rotation.mode: 'none'` the connections reconnect in place. It
   * settles when all of them are through, and tells what it did for each role: a role that is being dialled at this moment is not waited
   * for. Under `refresh.perRole` it calls for each role that is in use.
   * @throws {@link UserInfoUnavailableError} {@link ClosedError}
   * @throws {@link RotationFailedError} a connection could not be moved and is as it was.
   */
  async rotate(): Promise<RotationResult> {
    const refreshed = await this.#refreshed();
    const rotations = [...this.registration.connections.entries()].map(async ([role, connection]) => {
      const userInfo = refreshed.get(this.registration.sources[role]);
      // One that is closed has nothing to move, and resolves when it is opened anew.
      if (connection.state === 'closed') return [role, 'closed'] as const;
      // Its role came into use after the provider was asked: it presents what is as new.
      if (!userInfo) return [role, connection.state === 'connected' ? 'current' : 'disconnected'] as const;
      return [role, await connection.rotate(userInfo)] as const;
    });
    this.registration.external.moved();
    await Promise.allSettled(rotations);
    return Object.fromEntries(await Promise.all(rotations));
  }

  /**
   * For a library that calls `connect()` of nats.js itself: what that takes. The connection presents the newest user info of this
   * registration each time a server is dialled. It resolves once there is some; from then on user info is refreshed ahead of its expiry, and
   * the provider watched, until the application shuts down.
   * @throws {@link UserInfoUnavailableError} the provider failed `refresh.retry.maxAttempts` times.
   * @throws {@link UserInfoInvalidError} the user info cannot be presented, or its `sign` is asynchronous.
   * @throws {@link SigningFailedError} its `sign` failed.
   * @throws {@link OptionsInvalidError} {@link ClosedError}
   */
  connectionOptions(options: ConnectionOptionsRequest = {}): Promise<NatsConnectOptions> {
    return this.registration.external.connectOptions(options);
  }

  /**
   * Follows a connection that a library has opened with `connectionOptions()`: what the server rejects is taken out of use at once, and the
   * connection reconnects on newer user info instead of being ended at the expiry. Not needed for it to come back by itself.
   * @param options what `connectionOptions()` has returned, or a copy.
   * @returns a function that ends it; it ends by itself when the connection is closed.
   * @throws {@link OptionsInvalidError}
   */
  follow(connection: FollowedConnection, options: NatsConnectOptions, how: FollowOptions = {}): () => void {
    return this.registration.external.follow(connection, options, how);
  }

  #facts(role: Role, connection: RoleConnection): RoleFacts {
    const { state, since, downMs, server, userInfo, refusedSubscriptions, lameDuck } = connection;
    const troubles = this.#troubles;
    return {
      role,
      state,
      since,
      downMs,
      server,
      resolvedAt: userInfo?.resolvedAt,
      expiresAt: userInfo?.expiresAt,
      refusedSubscriptions,
      lastError: this.#errors.of(role, downMs !== undefined),
      refused: troubles.of(role, 'refused'),
      rotation: troubles.of(role, 'rotation'),
      stale: troubles.of(role, 'stale'),
      lameDuck: lameDuck ? (troubles.of(role, 'lameDuck') ?? { since, count: 1 }) : undefined,
      provider: troubles.provider(role),
    };
  }

  /** What the provider gives now, for each source that a role uses; for all when none is used yet. */
  async #refreshed(): Promise<Map<CredentialSource, ResolvedUserInfo>> {
    const { connections, external, sources } = this.registration;
    const used = [...connections.entries()].map(([role]) => role);
    if (external.used) used.push('connection');
    // An application may well have no connection to inject: a provider that is asked for it would not know that role.
    const roles = used.length > 0 ? used : (['server', 'client'] as const);
    const refreshing = [...new Set(roles.map((role) => sources[role]))].map(
      async (source) => [source, await source.refresh()] as const,
    );
    await Promise.allSettled(refreshing);
    return new Map(await Promise.all(refreshing));
  }
}
