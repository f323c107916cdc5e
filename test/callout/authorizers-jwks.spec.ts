import { inspect } from 'node:util';

import { JwksAuthorizer, type JwksOptions, type RefusedError, subjectToken } from 'nestjs-nats-auth/callout';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { authorized, refusalOf, requestOf } from '../../libs/callout/request.fixture.js';
import {
  AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../support/identity-provider/identity-provider.js';

const clients = [
  { client_id: 'orders', client_secret: 'orders-secret' },
  { client_id: 'orders.>', client_secret: 'evil-secret' },
];

async function provider(lifetimeSeconds = 300): Promise<IdentityProvider> {
  const started = await startIdentityProvider({ clients, lifetimeSeconds });
  onTestFinished(() => started.close());
  return started;
}

/** An access token of the client, for a resource. */
async function tokenOf({ issuer }: IdentityProvider, client = 0, resource = AUDIENCE): Promise<string> {
  const { client_id: id = '', client_secret: secret = '' } = clients[client] ?? {};
  const basic = [id, secret].map(encodeURIComponent).join(':');
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'nats', resource }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (!token) throw new Error(`The identity provider answered ${answer.status}.`);
  return token;
}

const authorizerOf = ({ issuer }: IdentityProvider, options: Partial<JwksOptions> = {}) =>
  new JwksAuthorizer({
    issuer,
    audience: AUDIENCE,
    typ: 'at+jwt',
    allowHttp: true,
    admit: ({ client_id: id }) => {
      const name = subjectToken(id);
      return { name, permissions: { publish: { allow: [`${name}.>`] } } };
    },
    ...options,
  });

const jwks = ({ requests }: IdentityProvider) => requests.filter((path) => path === '/jwks').length;

describe('access tokens of a real identity provider', () => {
  it('let their clients in until they expire, with permissions made of their claims', async () => {
    const idp = await provider();
    const authorizer = authorizerOf(idp);
    const admission = await authorized(authorizer, requestOf({ token: await tokenOf(idp) }));
    expect(admission).toMatchObject({ name: 'orders', permissions: { publish: { allow: ['orders.>'] } } });
    expect(Number(admission.expiresAt) - Date.now()).toBeGreaterThan(200_000);
    expect(jwks(idp)).toBe(1);
  });

  it('do not let a client in whose name would be a wildcard in its permissions', async () => {
    const idp = await provider();
    const request = requestOf({ token: await tokenOf(idp, 1) });
    expect(await refusalOf(authorizerOf(idp), request)).toMatchObject({ reason: 'forbidden' });
  });

  it('for another audience do not', async () => {
    const idp = await provider();
    const request = requestOf({ token: await tokenOf(idp, 0, 'urn:billing') });
    expect(await refusalOf(authorizerOf(idp), request)).toMatchObject({ reason: 'credentials' });
  });

  it('of another identity provider do not, though it says the same', async () => {
    const [idp, other] = [await provider(), await provider()];
    const authorizer = authorizerOf(idp);
    const request = requestOf({ token: await tokenOf(other) });
    const refusal = (await refusalOf(authorizer, request)) as RefusedError;
    expect(refusal).toMatchObject({ code: 'REFUSED', reason: 'credentials' });
    expect(inspect(refusal)).not.toContain('eyJ');
  });

  it('go on after the provider has changed its keys, for one more request', async () => {
    const idp = await provider();
    const authorizer = authorizerOf(idp, { cooldown: 1 });
    await authorized(authorizer, requestOf({ token: await tokenOf(idp) }));
    await idp.rotateKeys();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(idp)));
    await Promise.all(tokens.map((token) => authorized(authorizer, requestOf({ token }))));
    expect(jwks(idp)).toBe(2);
  });

  it('that were issued before it went away go on while it is away', async () => {
    const idp = await provider();
    const authorizer = authorizerOf(idp, { cooldown: 1, maxKeyAge: 1 });
    const token = await tokenOf(idp);
    await authorized(authorizer, requestOf({ token }));
    await idp.close();
    await authorized(authorizer, requestOf({ token }));
  });

  it('are none to a callout that starts while the provider is away, until it is back', async () => {
    const idp = await provider();
    const token = await tokenOf(idp);
    await idp.close();
    const authorizer = authorizerOf(idp);
    expect(await refusalOf(authorizer, requestOf({ token }))).toMatchObject({ code: 'KEYS_UNAVAILABLE' });
    await idp.listen();
    const isIn = () => refusalOf(authorizer, requestOf({ token })).then((refusal) => refusal === undefined);
    await eventually(isIn, { what: 'the keys', timeoutMs: 20_000 });
  });

  it('have an end', async () => {
    const idp = await provider(1);
    const authorizer = authorizerOf(idp, { clockTolerance: 0 });
    const token = await tokenOf(idp);
    const reason = async () => {
      const refusal = (await refusalOf(authorizer, requestOf({ token }))) as RefusedError | undefined;
      return refusal?.reason === 'expired';
    };
    await eventually(reason, { what: 'the end of the token' });
  });
});
