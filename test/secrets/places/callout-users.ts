import { credsAuthenticator } from '@nats-io/transport-node';
import type { NatsAuthModuleOptions, UserInfo } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import { authCalloutConfig, type AuthCalloutOptions, startAuthCallout } from '../../support/auth-callout.js';
import { createOperatorMode } from '../../support/operator-mode.js';
import type { Secrets } from '../harness/secrets.js';
import type { Kind } from './place.js';

/** What a server needs that asks an auth callout. */
interface Deployment {
  readonly config: string;
  readonly account: string;
  readonly callout?: Partial<AuthCalloutOptions>;
  readonly options?: Partial<NatsAuthModuleOptions>;
}

/** User info that an auth callout knows by the secret in it. */
function calloutKind(
  kind: string,
  deploy: (secrets: Secrets) => Promise<Deployment>,
  present: (secret: string) => UserInfo,
): Kind {
  return {
    kind,
    expires: true,
    isCalledOut: true,
    open: async (secrets) => {
      const { config, account, callout = {}, options } = await deploy(secrets);
      const server = await startNatsServer({ config });
      /** How long each may stay, in ms. */
      const good = new Map<string, number>();
      const start = () =>
        startAuthCallout(server, {
          ...callout,
          decide: ({ connect_opts: { auth_token, pass } }) => {
            const lifetimeMs = good.get(auth_token ?? pass ?? '');
            if (lifetimeMs === undefined) return { deny: 'unknown' };
            const expiresAt = Number.isFinite(lifetimeMs) ? Date.now() + lifetimeMs : undefined;
            return { allow: { account, name: 'svc', expiresAt } };
          },
        });
      let service = await start();
      const issueFor = (ms: number) => {
        const secret = secrets.word(kind);
        good.set(secret, ms);
        return present(secret);
      };
      return {
        server,
        options,
        issue: () => issueFor(Infinity),
        issueFor,
        forge: () => present(secrets.word(`wrong ${kind}`)),
        withdraw: () => {
          good.clear();
          return server.restart();
        },
        interrupt: async () => {
          await service.stop();
          return async () => {
            service = await start();
          };
        },
        stop: async () => {
          await service.stop();
          await server.stop();
        },
      };
    },
  };
}

async function behindSentinel(secrets: Secrets): Promise<Deployment> {
  const operator = await createOperatorMode();
  const [service, sentinel] = [await operator.mintUser({ name: 'callout' }), await operator.mintSentinel()];
  operator.useAuthCallout({ authUsers: [service.publicKey] });
  secrets.keep('JWT of the sentinel', sentinel.jwt);
  secrets.keep('seed of the sentinel', sentinel.seed);
  const authenticator = credsAuthenticator(new TextEncoder().encode(service.creds));
  return {
    config: await operator.config(),
    account: operator.account,
    callout: { credentials: { authenticator }, issuerSeed: operator.accountSeed },
    options: { sentinel: { creds: sentinel.creds } },
  };
}

export const TOKEN = calloutKind(
  'a token',
  () => Promise.resolve({ config: authCalloutConfig(), account: 'APP' }),
  (token) => ({ token }),
);

export const BESIDE_SENTINEL = calloutKind('a password beside a sentinel', behindSentinel, (pass) => ({
  user: 'svc',
  pass,
}));
