import { onTestFinished } from 'vitest';

import { Emitter } from '../../../libs/base/index.js';
import {
  type ConnectionOptions,
  createConnectOptions,
  follow,
  type FollowedConnection,
  type NatsAuthEvents,
  type NatsConnectOptions,
  rejectionSettings,
} from '../../../libs/connection/index.js';
import { credentialsBehind } from '../../../libs/connection/external/connect-options.js';
import {
  CredentialSource,
  type RefreshOptions,
  refreshSettings,
  type UserInfo,
  type UserInfoRequest,
} from '../../../libs/credentials/index.js';
import type { PlainConnection, TestedDriver } from '../../drivers/drivers.js';

export interface ExternalPeerOptions {
  provide: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>;
  options: ConnectionOptions;
  refresh?: RefreshOptions;
  sentinel?: { jwt?: string; creds?: string };
}

/** A registration of which only connections are used that others open. */
export class ExternalPeer {
  readonly requests: UserInfoRequest[] = [];
  readonly source: CredentialSource;

  constructor(
    private readonly tested: TestedDriver,
    private readonly settings: ExternalPeerOptions,
  ) {
    this.source = new CredentialSource({
      connection: 'peer',
      provider: {
        getUserInfo: (request) => {
          this.requests.push(request);
          return settings.provide(request);
        },
      },
      refresh: refreshSettings({
        ...settings.refresh,
        retry: { initialDelay: 20, ...settings.refresh?.retry },
      }),
      rejection: rejectionSettings({ initialDelay: 20 }),
      events: new Emitter<NatsAuthEvents>(),
    });
    onTestFinished(() => this.source.close());
  }

  async connectOptions(): Promise<NatsConnectOptions> {
    const { sentinel, options } = this.settings;
    const { source, tested } = this;
    const settings = { role: 'connection', source, driver: tested.driver, sentinel } as const;
    return (await createConnectOptions(settings, { reconnectTimeWait: 100, reconnectJitter: 0, ...options }))
      .options;
  }

  /** Opened as a library does. */
  async connect(options: object): Promise<PlainConnection> {
    const nc = await this.tested.plainConnect(options);
    onTestFinished(() => nc.close());
    return nc;
  }

  follow(nc: PlainConnection, options: NatsConnectOptions): () => void {
    return follow(nc as PlainConnection & FollowedConnection, credentialsBehind(options), () => true);
  }
}

/** Counts what a connection tells of itself. */
export function tally(nc: PlainConnection): Record<string, number> {
  const told: Record<string, number> = {};
  void (async () => {
    for await (const { type } of nc.status()) told[type] = (told[type] ?? 0) + 1;
  })();
  return told;
}
