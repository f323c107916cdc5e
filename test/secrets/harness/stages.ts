import { randomBytes } from 'node:crypto';

import { createUser } from '@nats-io/nkeys';
import type { NatsAuthModuleOptions, UserInfo } from 'nestjs-nats-auth';
import type { NatsServer } from 'nestjs-nats-auth/testing';

import { serverOfTest } from '../../providers/files/kinds.js';
import { createOperatorMode } from '../../support/operator-mode.js';

/** A server and user info of one kind. All that is secret is noted as it is made. */
export interface Stage {
  readonly server: NatsServer;
  readonly secrets: string[];
  readonly options?: Partial<NatsAuthModuleOptions>;
  /** User info that the server accepts; another one each time, where the server can know several. */
  good(): UserInfo;
  /** User info that it rejects. */
  bad(): UserInfo;
  /** Makes the server reject what it has accepted so far, and accept what `good()` gives from now on. */
  revoke(): Promise<void>;
}

const random = () => `MARKED-${randomBytes(12).toString('base64')}`;

async function password(): Promise<Stage> {
  const secrets: string[] = [];
  const make = () => {
    const user = { user: `svc${secrets.length}`, pass: random() };
    secrets.push(user.pass);
    return user;
  };
  let users = [make(), make(), make()];
  const config = () =>
    `authorization { users: ${JSON.stringify(users.map(({ user, pass }) => ({ user, password: pass })))} }\n`;
  const server = await serverOfTest(config());
  let turn = 0;
  return {
    server,
    secrets,
    good: () => ({ ...users[turn++ % users.length] }),
    bad: make,
    revoke: async () => {
      users = [make(), make()];
      await server.reload(config());
    },
  };
}

async function token(): Promise<Stage> {
  const secrets: string[] = [];
  const make = () => {
    const token = random();
    secrets.push(token);
    return { token };
  };
  let current = make();
  const config = () => `authorization { token: "${current.token}" }\n`;
  const server = await serverOfTest(config());
  return {
    server,
    secrets,
    good: () => ({ ...current }),
    bad: make,
    revoke: async () => {
      current = make();
      await server.reload(config());
    },
  };
}

async function nkey(): Promise<Stage> {
  const secrets: string[] = [];
  const make = () => {
    const key = createUser();
    const seed = new TextDecoder().decode(key.getSeed());
    secrets.push(seed);
    return { nkey: key.getPublicKey(), seed };
  };
  let users = [make(), make()];
  const config = () =>
    `authorization { users: [ ${users.map((user) => `{ nkey: ${user.nkey} }`).join(', ')} ] }\n`;
  const server = await serverOfTest(config());
  let turn = 0;
  return {
    server,
    secrets,
    good: () => ({ seed: users[turn++ % users.length]?.seed }),
    bad: () => ({ seed: make().seed }),
    revoke: async () => {
      users = [make()];
      await server.reload(config());
    },
  };
}

async function creds(): Promise<Stage> {
  const [mode, other] = [await createOperatorMode(), await createOperatorMode()];
  const secrets: string[] = [];
  const mint = async (by = mode) => {
    const user = await by.mintUser({ expiresInMs: 600_000 });
    // The signature is what makes a JWT worth something.
    secrets.push(user.seed, user.jwt.split('.').at(-1) ?? '');
    return user;
  };
  let users = [await mint(), await mint()];
  const rejected = await mint(other);
  const sentinel = await mode.mintSentinel();
  secrets.push(sentinel.seed, sentinel.jwt.split('.').at(-1) ?? '');
  const server = await serverOfTest(await mode.config());
  let turn = 0;
  return {
    server,
    secrets,
    options: { sentinel: { creds: sentinel.creds } },
    good: () => ({ creds: users[turn++ % users.length]?.creds }),
    bad: () => ({ creds: rejected.creds }),
    revoke: async () => {
      for (const { publicKey } of users) mode.revoke(publicKey);
      users = [await mint()];
      await mode.pushClaims(server);
    },
  };
}

export const STAGES = { password, token, nkey, creds };
