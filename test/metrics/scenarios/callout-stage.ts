import { connect, type NatsConnection } from '@nats-io/transport-node';
import { createAccount, type KeyPair } from '@nats-io/nkeys';
import { calloutServerConfig } from 'nestjs-nats-auth/callout';
import { type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

export const CALLOUT_USER = { user: 'callout', pass: 'callout' };
const MALLORY = { user: 'mallory', pass: 'mallory' };
const SUBJECT = '$SYS.REQ.USER.AUTH';
export const DETOUR = 'detour';

/** A server that asks a callout who may come in. */
export interface CalloutStage {
  readonly server: NatsServer;
  readonly issuer: KeyPair;
  /** Connects as a client that the callout is asked about; whether it came in. */
  visit(user: string): Promise<boolean>;
  /** Connects as a user of an account that imports the callout's subject as {@link DETOUR}. */
  mallory(): Promise<NatsConnection>;
}

export async function setCalloutStage(): Promise<CalloutStage> {
  const issuer = createAccount();
  const imports = `imports: [ { service: { account: AUTH, subject: "${SUBJECT}" }, to: ${DETOUR} } ]`;
  const mallory = `users: [ { user: ${MALLORY.user}, password: ${MALLORY.pass} } ]`;
  const config = calloutServerConfig({
    issuer: issuer.getPublicKey(),
    users: [{ user: CALLOUT_USER.user, password: CALLOUT_USER.pass }],
    accounts: ['APP', { name: 'EVIL', config: `${imports}, ${mallory}` }],
    timeout: 1_000,
  })
    .replace('"AUTH" {', `"AUTH" { exports: [ { service: "${SUBJECT}" } ], `)
    .replace('auth_users: [ ', `auth_users: [ ${MALLORY.user}, `);
  const server = await startNatsServer({ config });
  const open = (who: { user: string; pass: string }) =>
    connect({ servers: server.url, reconnect: false, timeout: 5_000, ...who });
  return {
    server,
    issuer,
    visit: (user) =>
      open({ user, pass: 'x' }).then(
        (connection) => connection.close().then(() => true),
        () => false,
      ),
    mallory: () => open(MALLORY),
  };
}
