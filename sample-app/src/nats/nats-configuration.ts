import { randomBytes } from 'node:crypto';

import { createAccount } from '@nats-io/nkeys';

/** A user of the server itself, beside those that come through the auth callout. */
export interface StaticUser {
  readonly user: string;
  readonly pass: string;
}

/** What the servers, the auth-callout service and the operator of the system have to agree on. */
export interface NatsSecrets {
  /** Signs the users that the auth-callout service admits. */
  readonly issuer: { readonly publicKey: string; readonly seed: Uint8Array };
  /** The auth-callout service itself. */
  readonly callout: StaticUser;
  /** Of the system account: may end connections. */
  readonly operator: StaticUser;
}

/** The account that services are in. */
export const ACCOUNT = 'APP';

/** Servers, each of which has a copy of every stream: two are a majority, so any one of them may be away. */
export const SERVERS = 3;

export function createNatsSecrets(): NatsSecrets {
  const key = createAccount();
  const user = (name: string) => ({ user: name, pass: randomBytes(16).toString('hex') });
  return {
    issuer: { publicKey: key.getPublicKey(), seed: key.getSeed() },
    callout: user('callout'),
    operator: user('operator'),
  };
}

/** nats-server configuration: whoever is not in it is asked about at the auth callout. */
export function natsConfiguration({ issuer, callout, operator }: NatsSecrets): string {
  const users = ({ user, pass }: StaticUser) => `users: [ { user: ${user}, password: "${pass}" } ]`;
  return `
accounts {
  AUTH { ${users(callout)} }
  SYS { ${users(operator)} }
  ${ACCOUNT} { jetstream: enabled }
}
system_account: SYS
authorization {
  # Longer than a cold start of the auth-callout service takes.
  timeout: 5
  auth_callout {
    issuer: ${issuer.publicKey}
    account: AUTH
    auth_users: [ ${callout.user}, ${operator.user} ]
  }
}
lame_duck_grace_period: 1s
lame_duck_duration: 30s
`;
}
