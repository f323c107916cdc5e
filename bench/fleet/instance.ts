import { Dialer, type Established } from '../../libs/connection/dialling/dialer.js';
import { type Driver, type NatsAuthEvents, Outage, rejectionSettings } from '../../libs/connection/index.js';
import { ReconnectPace } from '../../libs/connection/dialling/reconnect-pace.js';
import { type Clock, Emitter } from '../../libs/base/index.js';
import {
  CredentialSource,
  type Hold,
  type RefreshOptions,
  refreshSettings,
  type ResolvedUserInfo,
  type UserInfoProvider,
} from '../../libs/credentials/index.js';
import type { Cluster } from './cluster.js';

/** What the instances of a fleet share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly provider: UserInfoProvider;
  readonly cluster: Cluster;
  readonly refresh: RefreshOptions;
}

// A token is presented as it is: nothing of a driver is needed for it.
const driver = { useNodeTransport: () => {} } as unknown as Driver;

const pool = {
  getServers: () => [{ gossiped: false, toString: () => 'cluster' }],
  addServer: () => {},
  removeServer: () => {},
};

/** A service instance: the package's own policies – source, dialer, pace of reconnects – on a connection that is none. */
export class Instance {
  readonly #source: CredentialSource;
  readonly #dialer: Dialer;
  readonly #outage: Outage;
  #hold?: Hold;
  #lost = () => {};
  #cancelExpiry = () => {};

  constructor(
    name: string,
    private readonly around: Surroundings,
  ) {
    const { clock, random, provider, refresh, cluster } = around;
    const events = new Emitter<NatsAuthEvents>();
    const rejection = rejectionSettings();
    const settings = { connection: name, provider, rejection, events, clock, random };
    this.#source = new CredentialSource({ ...settings, refresh: refreshSettings(refresh) });
    const outage = (this.#outage = new Outage(clock));
    this.#dialer = new Dialer({
      role: 'server',
      driver,
      clock,
      source: this.#source,
      rejection,
      pace: new ReconnectPace({}, clock, random),
      firstReason: 'connect',
      signal: new AbortController().signal,
      outage: () => outage,
      onRejected: () => {},
      onFailed: () => {},
      knock: () => cluster.accept(),
      random,
      waits: true,
    });
    this.#source.onNewer((userInfo) => this.#handOver(userInfo));
  }

  /** Connects, and again whenever the connection is lost. */
  async run(): Promise<void> {
    for (;;) {
      await this.#connect();
      await new Promise<void>((resolve) => {
        const leave = this.around.cluster.connected(() => this.#lost());
        this.#lost = () => {
          leave();
          this.#outage.begin();
          this.#dialer.lost();
          this.#hold?.use(undefined);
          this.#cancelExpiry();
          resolve();
        };
      });
    }
  }

  async #connect(): Promise<void> {
    for (;;) {
      try {
        const { userInfo } = await this.#dial();
        return this.#use(userInfo);
      } catch {
        // As the dial loop of nats.js: the next one follows, and the pace decides when.
      }
    }
  }

  async #dial(): Promise<Established> {
    let established: Established | undefined;
    await this.#dialer.dialServer('cluster', pool, async () => {
      established = await this.#dialer.dial('cluster', pool, async () => {
        await this.around.cluster.accept();
        return undefined;
      });
    });
    if (!established) throw new Error('The cluster accepted nobody.');
    return established;
  }

  /** A connection that presents the new token takes the place of the old one. */
  #handOver(userInfo: ResolvedUserInfo): void {
    this.#dialer.presentNext(userInfo);
    this.#dial().then(
      () => this.#use(userInfo),
      () => {},
    );
  }

  #use(userInfo: ResolvedUserInfo): void {
    this.#hold ??= this.#source.hold();
    this.#hold.use(userInfo);
    this.#outage.end();
    this.#endAtExpiryOf(userInfo);
  }

  /** nats-server ends a connection whose token expires. */
  #endAtExpiryOf({ expiresAt = Infinity }: ResolvedUserInfo): void {
    this.#cancelExpiry();
    this.#cancelExpiry = this.around.clock.after(expiresAt - this.around.clock.now(), () => {
      this.#dialer.heard('User Authentication Expired');
      this.#lost();
    });
  }
}
