import type { UserInfo } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import type { Secrets } from '../harness/secrets.js';
import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import type { Kind, Place } from './place.js';

/** Users that stand in the configuration of a server, which is changed to take them back. */
interface Users {
  readonly config: string;
  readonly userInfo: readonly UserInfo[];
}

const AT_A_TIME = 12;

function passwords(secrets: Secrets): Users {
  const users = Array.from({ length: AT_A_TIME }, (_, i) => ({
    user: `svc${i}`,
    pass: secrets.word('password'),
  }));
  const entries = users.map(({ user, pass }) => `{ user: ${user}, password: "${pass}" }`);
  return { config: `authorization { users: [ ${entries.join(', ')} ] }\n`, userInfo: users };
}

function seeds(secrets: Secrets): Users {
  const users = Array.from({ length: AT_A_TIME }, createNkeyUser);
  const userInfo = users.map(({ seed }) => ({ seed: secrets.keep('NKey seed', seed) }));
  return { config: nkeyConfig(users), userInfo };
}

async function open(make: () => Users): Promise<Place> {
  let users = make();
  let issued = 0;
  const server = await startNatsServer({ config: users.config });
  return {
    server,
    issue: () => users.userInfo[issued++ % AT_A_TIME] ?? {},
    forge: () => make().userInfo[0] ?? {},
    withdraw: async () => {
      users = make();
      await server.reload(users.config);
    },
    stop: () => server.stop(),
  };
}

export const PASSWORD: Kind = {
  kind: 'a password',
  expires: false,
  open: (secrets) => open(() => passwords(secrets)),
};

export const NKEY_SEED: Kind = {
  kind: 'an NKey seed',
  expires: false,
  open: (secrets) => open(() => seeds(secrets)),
};
