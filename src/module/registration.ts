import { inspect } from 'node:util';

import type { OnApplicationShutdown } from '@nestjs/common';
import type { NatsOptions } from '@nestjs/microservices';

import {
  checkSentinel,
  connectionSettings,
  type NatsAuthEvents,
  Outage,
  rejectionSettings,
  createRotatingConnection,
  createStableConnection,
  type Driver,
  type RotatingConnection,
  type RotatingConnectionParts,
  rotationSettings,
  type Session,
  type StableConnection,
  type StableConnectionSettings,
} from '../../libs/connection/index.js';
import {
  CredentialSource,
  refreshSettings,
  type Role,
  type UserInfoProvider,
} from '../../libs/credentials/index.js';
import {
  Emitter,
  knownKeys,
  noneUndefined,
  OptionsInvalidError,
  Pauses,
  systemClock,
} from '../../libs/base/index.js';
import type { Prometheus } from '../../libs/metrics/index.js';
import { ExternalConnections } from '../external/external-connections.js';
import { InjectedConnection } from '../connection/injected-connection.js';
import { refuseOtherDriver } from '../connection/other-driver.js';
import { logEvents } from '../logging/log-events.js';
import { nestDriver } from '../transport/nest-driver.js';
import type { MetricsEndpoint } from '../metrics/metrics-endpoint.js';
import { loadPrometheus, startMetrics } from '../metrics/start-metrics.js';
import { createTracing, loadTracing } from '../tracing/start-tracing.js';
import type { SpansWanted, Tracing } from '../tracing/tracing.js';
import { RoleConnections } from '../status/role-connections.js';
import { type ClientSettings, clientSettings } from '../transport/client/client-options.js';
import { type HandlersSettings, handlersSettings } from '../transport/server/handlers-options.js';
import type { NatsAuthOptions } from './nats-auth-options.js';
import type { NatsConnection } from './nats-connection.js';

const OPTIONS: (keyof NatsAuthOptions)[] = [
  'connection',
  'sentinel',
  'refresh',
  'rejection',
  'rotation',
  'client',
  'handlers',
  'metrics',
  'tracing',
];

/** What `ServerNats` waits before it closes gracefully, in ms. */
const DEFAULT_GRACE_PERIOD_MS = 10_000;

/** What is imported for a registration. */
interface Packages {
  readonly driver: Driver;
  readonly prometheus?: Prometheus;
  readonly spans?: SpansWanted;
}

/**
 * One `NatsAuthModule.forRoot*()` call: its server, its client and the connection to inject share one credential source, or have one each
 * under `refresh.perRole`.
 */
export class Registration implements OnApplicationShutdown {
  readonly transport: NonNullable<NatsOptions['options']>;
  readonly events = new Emitter<NatsAuthEvents>();
  readonly sources: Readonly<Record<Role, CredentialSource>>;
  readonly connections = new RoleConnections();
  /** Connections that libraries open themselves. */
  readonly external: ExternalConnections;
  /** The nats.js connection to inject. */
  readonly injected: InjectedConnection;
  readonly #outages: Readonly<Record<Role, Outage>> = {
    server: new Outage(systemClock),
    client: new Outage(systemClock),
    connection: new Outage(systemClock),
  };
  /** What the client does while there is no connection. */
  readonly client: ClientSettings;
  /** What happens when the server refuses handlers. */
  readonly handlers: HandlersSettings;
  /** Has what the registration does followed. */
  readonly tracing: Tracing;
  readonly #settings: Pick<StableConnectionSettings, 'driver' | 'rejection' | 'rotation' | 'sentinel'>;
  #serverIsOf?: string;

  /**
   * @param loadDriver default: that of the installed NestJS.
   * @throws {@link OptionsInvalidError}
   * @throws {@link PackageMissingError}
   * @throws {@link DriverMissingError}
   * @throws {@link DriverUnsupportedError}
   */
  static async create(
    name: string,
    options: NatsAuthOptions,
    provider: UserInfoProvider,
    endpoint: Pick<MetricsEndpoint, 'add'>,
    loadDriver: () => Promise<Driver> = nestDriver,
  ): Promise<Registration> {
    knownKeys('NatsAuthOptions', options, OPTIONS);
    noneUndefined('', options, ['connection'], 'for a server of this machine');
    const packages = {
      driver: await loadDriver(),
      prometheus: await loadPrometheus(options.metrics),
      spans: await loadTracing(options.tracing),
    };
    return new Registration(name, options, provider, endpoint, packages);
  }

  private constructor(
    readonly name: string,
    options: NatsAuthOptions,
    provider: UserInfoProvider,
    endpoint: Pick<MetricsEndpoint, 'add'>,
    { driver, prometheus, spans }: Packages,
  ) {
    const { connection = {}, sentinel = {} } = options;
    this.transport = connectionSettings(connection);
    checkSentinel(sentinel);
    this.client = clientSettings(options.client);
    this.handlers = handlersSettings(options.handlers);
    const refresh = refreshSettings(options.refresh);
    const rejection = rejectionSettings(options.rejection);
    this.#settings = {
      driver,
      rejection,
      rotation: rotationSettings(options.rotation),
      sentinel,
    };
    const observer = (this.tracing = createTracing(name, driver, spans));
    const { events } = this;
    const pauses = new Pauses(systemClock);
    const source = (role?: Role) =>
      new CredentialSource({
        connection: name,
        role,
        provider,
        refresh,
        rejection,
        events,
        observer,
        pauses,
      });
    const shared = source();
    this.sources = refresh.perRole
      ? { server: source('server'), client: source('client'), connection: source('connection') }
      : { server: shared, client: shared, connection: shared };
    this.external = new ExternalConnections({
      ...this.#settings,
      role: 'connection',
      source: this.sources.connection,
      options: this.transport,
    });
    this.injected = new InjectedConnection({ name, create: () => this.#stableConnection() });
    logEvents(events);
    startMetrics(name, events, options.metrics, endpoint, prometheus);
  }

  /** How long a shutdown waits for what is under way, in ms. */
  get gracePeriod(): number {
    return this.transport.gracePeriod ?? DEFAULT_GRACE_PERIOD_MS;
  }

  /** Whether a microservice may have the connection of the role `server`. */
  get isForMicroservice(): boolean {
    return this.#serverIsOf === undefined;
  }

  /** Keeps the connection of the role `server` from every microservice: status, rotations and metrics know one connection of a role. */
  reserveServer(owner: string): void {
    this.#serverIsOf = owner;
  }

  /** @throws {@link OptionsInvalidError} while the connection of the role `server` is somebody else's. */
  assertForMicroservice(): void {
    if (this.#serverIsOf === undefined) return;
    throw new OptionsInvalidError(
      'name',
      `registration '${this.name}' is the connection of ${this.#serverIsOf}, which no microservice can share: give the microservice a registration of its` +
        ' own, with NatsAuthModule.forRoot*({ name }) and natsAuthTransport(name).',
    );
  }

  /** The connection of `role`, not opened yet. */
  connect<S extends Session>(
    role: Role,
    parts: Pick<RotatingConnectionParts<NatsConnection, S>, 'createSession' | 'onCurrent'>,
  ): RotatingConnection<NatsConnection, S> {
    const connection = createRotatingConnection<NatsConnection, S>({ ...this.#settingsOf(role), ...parts });
    this.connections.begin(role, connection);
    return connection;
  }

  #stableConnection(): StableConnection<NatsConnection> {
    const stable = createStableConnection<NatsConnection>(this.#settingsOf('connection'));
    refuseOtherDriver(stable.nc, this.#settings.driver.name);
    this.connections.begin('connection', stable.rotating);
    return stable;
  }

  #settingsOf(role: Role): StableConnectionSettings {
    return {
      ...this.#settings,
      name: this.name,
      role,
      source: this.sources[role],
      events: this.events,
      observer: this.tracing,
      options: this.transport,
      outage: this.#outages[role],
      refused: {
        isTolerated: ({ subject }) => role === 'server' && this.#mayBeRefused(subject),
        retry: this.handlers.retry,
      },
      onServing: (serving) => this.connections.serving(role, serving),
    };
  }

  /** @param subject absent where the server does not say which handler it is. */
  #mayBeRefused(subject?: string): boolean {
    const { mayBeRefused } = this.handlers;
    return mayBeRefused === true || (subject !== undefined && mayBeRefused.has(subject));
  }

  /** By now NestJS has closed the server, whose handlers may have used the connection to inject. */
  async onApplicationShutdown(): Promise<void> {
    this.connections.release('connection');
    await this.injected.shutDown(this.gracePeriod);
    this.external.close();
    for (const source of Object.values(this.sources)) source.close();
  }

  /** Shows only the name: the options may contain a TLS key. */
  toJSON(): { readonly name: string } {
    return { name: this.name };
  }

  [inspect.custom](): string {
    return `Registration('${this.name}')`;
  }
}

/**
 * Checks that a client or server was given a registration: `ClientsModule`, `ClientProxyFactory`, `@Client()` and `new` pass
 * none.
 * @param made the class that was to be made; the application may have extended `base`.
 * @throws {@link OptionsInvalidError} that says what to do instead.
 */
export function assertRegistration(
  registration: unknown,
  made: { readonly name: string },
  base: 'NatsAuthClient' | 'NatsAuthServer',
): Registration {
  if (registration instanceof Registration) return registration;
  const option = base === 'NatsAuthClient' ? 'clientClass' : 'serverClass';
  const own = made.name === base ? '' : `, ${option}: ${made.name}`;
  throw new OptionsInvalidError(
    'customClass',
    `a ${made.name} belongs to a registration and is made by NatsAuthModule alone. Import NatsAuthModule.forRoot({ isGlobal: true${own}, … })` +
      ` once, and where ClientsModule was, provide { provide: 'ORDERS', useExisting: ${made.name} } with the token that is injected there:` +
      ` what injects 'ORDERS' stays as it is. Of a registration that has a name, useExisting is get${base}Token(name).`,
  );
}
