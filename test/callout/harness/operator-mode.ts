import { type Account, encodeAccount, encodeOperator, encodeUser, newScopedSigner } from '@nats-io/jwt';
import { createOperator } from '@nats-io/nkeys';

import {
  calloutAccountClaims,
  type CalloutAccountConfig,
  type CalloutOptions,
} from '../../../libs/callout/index.js';
import type { NatsServer } from '../../../libs/testing/index.js';
import { UNLIMITED } from '../../support/operator-mode.js';
import { byPassword } from './config-mode.js';
import { accountKeys, curveKeys, type Keys, nkeyCredentials, pairOf, userKeys } from './keys.js';
import type { Lane } from './lanes.js';
import { type Authorize, RunningCallout } from './running-callout.js';

export interface OperatorModeStart {
  /** Default: true. */
  readonly sealed?: boolean;
  readonly authorize?: Authorize;
  readonly claims?: (keys: OperatorKeys) => Partial<CalloutAccountConfig>;
  readonly options?: (keys: OperatorKeys) => Partial<CalloutOptions>;
  /** How long the server waits, in ms. Default: its own. */
  readonly timeout?: number;
}

/** Accounts of an operator: that of the callout with a signing key, and that of clients with a plain and a scoped one. */
export interface OperatorKeys {
  readonly calloutAccount: Keys;
  readonly calloutSigner: Keys;
  readonly app: Keys;
  readonly appSigner: Keys;
  /** Its template lets a user do what is below its own name, and read its inbox. */
  readonly appScoped: Keys;
  readonly system: Keys;
  readonly curve: Keys;
}

export interface OperatorMode extends OperatorKeys {
  readonly lane: Lane;
  readonly server: NatsServer;
  readonly options: CalloutOptions;
  /** How instances of the callout connect. */
  readonly credentials: object;
  /** As whom they do. */
  readonly own: { readonly jwt: string; readonly seed: string };
  /** The same user with a JWT that ends, of whole seconds: in so many ms, and at most a second later. */
  readonly ownFor: (ms: number) => Promise<{ readonly jwt: string; readonly seed: string }>;
  readonly callout: RunningCallout;
  /** What a client presents beside the JWT that brings it to the callout. */
  readonly present: (userAndPass: { user: string; pass: string; name?: string }) => object;
  /** How a user of an account connects. */
  readonly member: (account: Keys) => Promise<object>;
  readonly run: (changes?: Partial<CalloutOptions> & { authorize?: Authorize }) => Promise<RunningCallout>;
}

const NOTHING = { pub: { deny: ['>'] }, sub: { deny: ['>'] } };

/** A server in operator mode whose claims this package has made, and a callout beside it. */
export async function operatorMode(lane: Lane, start: OperatorModeStart = {}): Promise<OperatorMode> {
  const { sealed = true, authorize = byPassword } = start;
  const [calloutAccount, calloutSigner, app, appSigner, appScoped, system] = Array.from({ length: 6 }, accountKeys) as [
    Keys, Keys, Keys, Keys, Keys, Keys,
  ]; // prettier-ignore
  const keys: OperatorKeys = {
    calloutAccount,
    calloutSigner,
    app,
    appSigner,
    appScoped,
    system,
    curve: curveKeys(),
  };
  const own = userKeys();
  const authorization = calloutAccountClaims({
    users: [own.publicKey],
    accounts: [app.publicKey],
    ...(sealed ? { xkey: keys.curve.publicKey } : {}),
    ...start.claims?.(keys),
  });
  const server = await lane.serve((await serverConfig(keys, authorization)) + waiting(start.timeout));

  const ownJwt = await userJwt('callout', own, calloutAccount);
  const credentials = nkeyCredentials(own, ownJwt);
  const sentinel = await userJwt('sentinel', userKeys(), calloutAccount, { ...NOTHING, bearer_token: true });
  const options: CalloutOptions = {
    issuer: calloutAccount.seed,
    accounts: [{ name: 'APP', publicKey: app.publicKey, keys: app.seed }],
    ...(sealed ? { xkey: keys.curve.seed } : {}),
    ...start.options?.(keys),
  };
  const run: OperatorMode['run'] = ({ authorize: other = authorize, ...changes } = {}) =>
    RunningCallout.start({
      lane,
      server,
      credentials,
      options: { ...options, ...changes },
      authorize: other,
    });
  return {
    ...keys,
    ...{ lane, server, options, credentials },
    own: { jwt: ownJwt, seed: own.seed },
    ownFor: async (ms) => ({
      jwt: await encodeUser('callout', pairOf(own), pairOf(calloutAccount), {}, { exp: inSeconds(ms) }),
      seed: own.seed,
    }),
    callout: await run(),
    run,
    present: ({ name, ...rest }) => ({ name, authenticator: () => ({ jwt: sentinel, ...rest }) }),
    member: async (account) => {
      const user = userKeys();
      return nkeyCredentials(user, await userJwt('member', user, account));
    },
  };
}

async function serverConfig(
  { calloutAccount, calloutSigner, app, appSigner, appScoped, system }: OperatorKeys,
  authorization: Account['authorization'],
): Promise<string> {
  const operator = createOperator();
  const account = (name: string, keys: Keys, claims: Partial<Account> = {}) =>
    encodeAccount(name, pairOf(keys), { limits: UNLIMITED, ...claims }, { signer: operator });
  const scope = newScopedSigner(pairOf(appScoped), 'own', {
    pub: { allow: ['{{name()}}.>'] },
    sub: { allow: ['{{name()}}.>', '{{tag(team)}}.>', '_INBOX.>'] },
    subs: -1,
    data: -1,
    payload: -1,
  });
  return [
    `operator: ${await encodeOperator('operator', operator, { system_account: system.publicKey })}`,
    `system_account: ${system.publicKey}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${system.publicKey}: ${await account('SYS', system)}`,
    `  ${calloutAccount.publicKey}: ${await account('CALLOUT', calloutAccount, {
      authorization,
      signing_keys: [calloutSigner.publicKey],
    })}`,
    `  ${app.publicKey}: ${await account('APP', app, { signing_keys: [appSigner.publicKey, scope] })}`,
    '}',
    '',
  ].join('\n');
}

function waiting(timeout?: number): string {
  return timeout === undefined ? '' : `authorization { timeout: ${timeout / 1_000} }\n`;
}

function inSeconds(ms: number): number {
  return Math.ceil((Date.now() + ms) / 1_000);
}

function userJwt(name: string, user: Keys, account: Keys, claims: object = {}): Promise<string> {
  return encodeUser(name, pairOf(user), pairOf(account), claims);
}
