import type { UserInfo } from 'nestjs-nats-auth';
import { type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

import { createOperatorMode, type OperatorMode } from '../../support/operator-mode.js';
import { type CalloutStage, setCalloutStage } from './callout-stage.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';

/** The servers that the scenarios play on. */
export interface Stage {
  /** Everybody has a password here that can be changed. */
  readonly passwords: PasswordServer;
  /** Users have JWTs here that expire and can be revoked. */
  readonly jwts: {
    readonly server: NatsServer;
    readonly operator: OperatorMode;
    /** User info whose signer fails. */
    readonly signer: UserInfo;
  };
  /** Two servers that anybody may use; one of them goes into lame-duck mode. */
  readonly open: readonly [NatsServer, NatsServer];
  /** A server that asks a callout. */
  readonly callout: CalloutStage;
  /** A way to the password server that can be cut, for each who asks. */
  readonly proxies: ReadonlyMap<string, FaultProxy>;
  stop(): Promise<void>;
}

export async function setStage(users: readonly string[], behindProxy: readonly string[]): Promise<Stage> {
  const operator = await createOperatorMode();
  const { jwt } = await operator.mintUser();
  const sign = () => {
    throw new Error('KMS is down');
  };
  const [passwordServer, jwtServer, first, second] = await Promise.all([
    startNatsServer({ config: configOf(new Map(users.map((user) => [user, 'v1']))) }),
    operator.config().then((config) => startNatsServer({ config })),
    startNatsServer(),
    startNatsServer(),
  ]);
  const callout = await setCalloutStage();
  const proxies = new Map<string, FaultProxy>();
  for (const name of behindProxy) proxies.set(name, await startFaultProxy(passwordServer));
  return {
    passwords: new PasswordServer(passwordServer, users),
    jwts: { server: jwtServer, operator, signer: { jwt, sign } },
    open: [first, second],
    callout,
    proxies,
    stop: async () => {
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
      await Promise.all(
        [passwordServer, jwtServer, first, second, callout.server].map((server) => server.stop()),
      );
    },
  };
}

/** A server whose users' passwords change under live connections. */
export class PasswordServer {
  readonly #versions: Map<string, string>;

  constructor(
    private readonly server: NatsServer,
    users: readonly string[],
  ) {
    this.#versions = new Map(users.map((user) => [user, 'v1']));
  }

  get url(): string {
    return this.server.url;
  }

  /** Makes the next password of `user` the valid one; the server ends the connections that presented another. */
  async change(user: string, pass: string): Promise<void> {
    this.#versions.set(user, pass);
    await this.server.reload(configOf(this.#versions));
  }
}

function configOf(passwords: ReadonlyMap<string, string>): string {
  const users = [...passwords].map(
    ([user, pass]) =>
      `{ user: "${user}", password: "${pass}"${user === 'muted' ? ', permissions: { subscribe: { deny: "_INBOX.>" } }' : ''} }`,
  );
  return `authorization { users: [ ${users.join(', ')} ] }\n`;
}
