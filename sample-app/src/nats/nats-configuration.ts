import { randomBytes } from 'node:crypto';

import { calloutServerConfig, createNkey, type CreatedNkey } from 'nestjs-nats-auth/callout';

/** A user of the server itself, beside those that come through the auth callout. */
export interface StaticUser {
  readonly user: string;
  readonly pass: string;
}

/** What the servers, the auth-callout service and the operator of the system have to agree on. */
export interface NatsSecrets {
  /** Signs the users that the auth-callout service admits. */
  readonly issuer: CreatedNkey;
  /** What servers ask is sealed to it: it has tokens in it. */
  readonly curve: CreatedNkey;
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
  const user = (name: string) => ({ user: name, pass: randomBytes(16).toString('hex') });
  return {
    issuer: createNkey('account'),
    curve: createNkey('curve'),
    callout: user('callout'),
    operator: user('operator'),
  };
}

/** nats-server configuration: whoever is not in it is asked about at the auth callout. */
export function natsConfiguration({ issuer, curve, callout, operator }: NatsSecrets): string {
  const user = ({ user, pass }: StaticUser) => ({ user, password: pass });
  const callouts = calloutServerConfig({
    issuer: issuer.publicKey,
    xkey: curve.publicKey,
    users: [user(callout)],
    systemUsers: [user(operator)],
    accounts: [{ name: ACCOUNT, config: 'jetstream: enabled' }],
    // Longer than a cold start of the auth-callout service takes.
    timeout: 5_000,
  });
  return `
${callouts}
lame_duck_grace_period: 1s
lame_duck_duration: 30s
`;
}
