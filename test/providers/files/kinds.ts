import type { UserInfo, UserInfoProvider } from 'nestjs-nats-auth';
import {
  CredsFileProvider,
  JwtFilesProvider,
  NkeySeedFileProvider,
  PasswordFilesProvider,
  TokenFileProvider,
} from 'nestjs-nats-auth/providers';
import type { NatsServer } from 'nestjs-nats-auth/testing';
import { onTestFinished } from 'vitest';

import type { TestFolder } from '../../../libs/providers/files/files.fixture.js';
import { authCalloutConfig, startAuthCallout } from '../../support/auth-callout.js';
import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import { createOperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceConnections } from './service.js';

/** Credentials of two users in files, and a server that knows both. */
export interface Stage {
  readonly server: NatsServer;
  readonly provider: UserInfoProvider;
  /** Contents of the files by name, of the first user and of the second. */
  readonly contents: readonly [Record<string, string>, Record<string, string>];
  /** How the server calls the two. */
  readonly users: readonly [string, string];
  /** Who else may connect. */
  readonly caller: UserInfo;
  /** As whom the service's connections are there. */
  presented(): Promise<(string | undefined)[]>;
}

/** Options of the providers under test: no poll, so that it is the events that tell. */
const files = { permissions: 'ignore', pollInterval: false } as const;

export const KINDS: readonly { kind: string; prepare: (folder: TestFolder) => Promise<Stage> }[] = [
  {
    kind: 'a .creds file',
    prepare: async (folder) => {
      const { server, one, two, caller } = await operatorServer();
      const provider = new CredsFileProvider({ path: folder.file('user.creds'), ...files });
      return {
        server,
        provider,
        contents: [{ 'user.creds': one.creds }, { 'user.creds': two.creds }],
        users: [one.publicKey, two.publicKey],
        caller: { creds: caller.creds },
        presented: () => authorizedUsers(server),
      };
    },
  },
  {
    kind: 'a JWT file and a seed file',
    prepare: async (folder) => {
      const { server, one, two, caller } = await operatorServer();
      const [jwtPath, seedPath] = [folder.file('user.jwt'), folder.file('user.nk')];
      return {
        server,
        provider: new JwtFilesProvider({ jwtPath, seedPath, ...files }),
        contents: [
          { 'user.jwt': one.jwt, 'user.nk': one.seed },
          { 'user.jwt': two.jwt, 'user.nk': two.seed },
        ],
        users: [one.publicKey, two.publicKey],
        caller: { creds: caller.creds },
        presented: () => authorizedUsers(server),
      };
    },
  },
  {
    kind: 'an NKey seed file',
    prepare: async (folder) => {
      const [one, two, caller] = [createNkeyUser(), createNkeyUser(), createNkeyUser()];
      const server = await serverForTest({ config: nkeyConfig([one, two, caller]) });
      return {
        server,
        provider: new NkeySeedFileProvider({ path: folder.file('user.nk'), ...files }),
        contents: [{ 'user.nk': `${one.seed}\n` }, { 'user.nk': `${two.seed}\n` }],
        users: [one.publicKey, two.publicKey],
        caller: { seed: caller.seed },
        presented: () => authorizedUsers(server),
      };
    },
  },
  {
    kind: 'a user name file and a password file',
    prepare: async (folder) => {
      const names = ['one', 'two', 'caller'];
      const users = names.map((name) => `{ user: ${name}, password: "${name}-secret" }`);
      const server = await serverForTest({ config: `authorization { users: [ ${users.join(', ')} ] }\n` });
      const [userPath, passPath] = [folder.file('username'), folder.file('password')];
      return {
        server,
        provider: new PasswordFilesProvider({ userPath, passPath, ...files }),
        contents: [
          { username: 'one', password: 'one-secret\n' },
          { username: 'two', password: 'two-secret\n' },
        ],
        users: ['one', 'two'],
        caller: { user: 'caller', pass: 'caller-secret' },
        presented: () => authorizedUsers(server),
      };
    },
  },
  {
    kind: 'a token file',
    prepare: (folder) => tokenStage(new TokenFileProvider({ path: folder.file('token'), ...files })),
  },
  {
    kind: 'a token file, presented as a password',
    prepare: (folder) =>
      tokenStage(new TokenFileProvider({ path: folder.file('token'), user: 'svc', ...files })),
  },
];

/** A server in operator mode and three of its users. */
export async function operatorServer() {
  const operator = await createOperatorMode();
  const [one, two, caller] = [
    await operator.mintUser(),
    await operator.mintUser(),
    await operator.mintUser(),
  ];
  return { operator, one, two, caller, server: await serverForTest({ config: await operator.config() }) };
}

/** A server whose auth callout takes two tokens, as one that checks Kubernetes's would. */
async function tokenStage(provider: UserInfoProvider): Promise<Stage> {
  const server = await serverForTest({ config: authCalloutConfig() });
  const seen: string[] = [];
  const callout = await startAuthCallout(server, {
    decide: ({ connect_opts: { name, auth_token, pass } }) => {
      const token = auth_token ?? pass ?? '';
      if (!['token-one', 'token-two', 'caller'].includes(token)) return { deny: 'unknown token' };
      if (name === 'service') seen.push(token);
      return { allow: { account: 'APP', name: token } };
    },
  });
  onTestFinished(() => callout.stop());
  return {
    server,
    provider,
    contents: [{ token: 'token-one\n' }, { token: 'token-two\n' }],
    users: ['token-one', 'token-two'],
    caller: { token: 'caller' },
    // The server does not tell the token of a connection; the callout saw them all, oldest first.
    presented: async () => seen.slice(-(await serviceConnections(server)).length),
  };
}

async function authorizedUsers(server: NatsServer): Promise<(string | undefined)[]> {
  return (await serviceConnections(server)).map(({ authorized_user }) => authorized_user);
}
