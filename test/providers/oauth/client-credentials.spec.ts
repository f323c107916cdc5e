import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';

import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { UserInfo } from 'nestjs-nats-auth';
import {
  ClientCredentialsProvider,
  type ClientCredentialsOptions,
  TokenRequestError,
  withRetry,
  withTimeout,
} from 'nestjs-nats-auth/providers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider/identity-provider.js';
import { type Client, keyClient, SECRET, secretClient } from './clients.js';
import { userInfoRequest } from './user-info-request.js';

const TOKEN = '/token';
const METADATA = '/.well-known/openid-configuration';
const clients: Client[] = [];
let idp: IdentityProvider;
beforeAll(async () => {
  clients.push(secretClient('client_secret_basic'), secretClient('client_secret_post'));
  for (const kind of ['RSA', 'P-256', 'Ed25519'] as const) clients.push(await keyClient(kind));
  idp = await startIdentityProvider({ clients: clients.map(({ metadata }) => metadata) });
});
afterAll(() => idp.close());

function provider(options: Partial<ClientCredentialsOptions> = {}, clientId = 'client_secret_basic') {
  const client = clients.find(({ metadata }) => metadata.client_id === clientId);
  if (!client) throw new Error(`There is no client '${clientId}'.`);
  const { authentication } = client;
  return new ClientCredentialsProvider({
    issuer: idp.issuer,
    clientId,
    authentication,
    allowHttp: true,
    ...options,
  });
}

const verified = async (token = '') =>
  (
    await jwtVerify(token, createRemoteJWKSet(new URL(`${idp.issuer}/jwks`)), {
      issuer: idp.issuer,
      audience: AUDIENCE,
    })
  ).payload;

async function failureOf(userInfo: Promise<UserInfo>): Promise<TokenRequestError> {
  const error: unknown = await userInfo.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TokenRequestError);
  return error as TokenRequestError;
}

const answers =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
    return true;
  };

describe('client credentials', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'RSA', 'P-256', 'Ed25519'])(
    'give a token to a client that proves itself by %s',
    async (clientId) => {
      const before = Date.now();
      const { token, expiresAt } = await provider({ scope: 'nats' }, clientId).getUserInfo(userInfoRequest());
      expect(await verified(token)).toMatchObject({ client_id: clientId, scope: 'nats', aud: AUDIENCE });
      expect(Number(expiresAt)).toBeGreaterThanOrEqual(before + 300_000);
      expect(Number(expiresAt)).toBeLessThanOrEqual(Date.now() + 300_000);
    },
  );

  it('are presented as the application wants', async () => {
    const asPassword = await provider({ present: 'pass' }).getUserInfo(userInfoRequest());
    expect(asPassword).toMatchObject({ user: 'client_secret_basic' });
    expect((await verified(asPassword.pass)).client_id).toBe('client_secret_basic');
    const present: ClientCredentialsOptions['present'] = ({ accessToken }, { connection }) => ({
      user: connection,
      pass: accessToken,
    });
    expect(await provider({ present }).getUserInfo(userInfoRequest())).toMatchObject({ user: 'orders' });
  });

  it('ask for the resource that was given', async () => {
    const { token } = await provider({ resource: 'urn:other' }).getUserInfo(userInfoRequest());
    await expect(verified(token)).rejects.toThrow(/"aud"/);
  });

  it('send the audience and what else was given', async () => {
    const body = new Promise<string>((resolve) =>
      idp.disturb(TOKEN, 1, (incoming, response) => {
        void text(incoming).then(resolve);
        response.writeHead(503).end();
        return true;
      }),
    );
    const parameters = { tenant: 'shop' };
    await failureOf(
      provider({ audience: 'nats', scope: ['a', 'b'], parameters }).getUserInfo(userInfoRequest()),
    );
    const sent = Object.fromEntries(new URLSearchParams(await body));
    expect(sent).toMatchObject({
      grant_type: 'client_credentials',
      audience: 'nats',
      scope: 'a b',
      tenant: 'shop',
    });
  });

  it('take the secret that is valid at the time', async () => {
    let secret = 'an old one';
    const authentication = { method: 'client_secret_basic', secret: () => secret } as const;
    const rotating = provider({ authentication });
    expect(await failureOf(rotating.getUserInfo(userInfoRequest()))).toMatchObject({ status: 401 });
    secret = SECRET;
    expect(await rotating.getUserInfo(userInfoRequest())).toHaveProperty('token');
  });

  it('go on when the identity provider rotates its signing keys', async () => {
    const one = provider();
    const { token: first } = await one.getUserInfo(userInfoRequest());
    await idp.rotateKeys();
    const { token: second } = await one.getUserInfo(userInfoRequest());
    await expect(verified(first)).rejects.toThrow();
    expect(await verified(second)).toHaveProperty('client_id');
  });

  it('discover the server once', async () => {
    const one = provider();
    const before = idp.requests.length;
    for (let time = 0; time < 3; time++) await one.getUserInfo(userInfoRequest());
    expect(idp.requests.slice(before)).toEqual([METADATA, TOKEN, TOKEN, TOKEN]);
  });

  it('need no discovery when the endpoint is given', async () => {
    const before = idp.requests.length;
    await provider({ tokenEndpoint: `${idp.issuer}${TOKEN}` }).getUserInfo(userInfoRequest());
    expect(idp.requests.slice(before)).toEqual([TOKEN]);
  });
});

describe('a refusal', () => {
  it.each<[string, Partial<ClientCredentialsOptions>, number, RegExp]>([
    [
      'of a wrong secret',
      { authentication: { method: 'client_secret_basic', secret: 'wrong' } },
      401,
      /answered 401 \(invalid_client/,
    ],
    ['of a resource', { resource: 'nowhere' }, 400, /answered 400 \(invalid_target/],
  ])('%s is not retried and says why', async (_, options, status, message) => {
    const before = idp.requests.length;
    const retried = withRetry(provider(options), { initialDelay: 1, maxAttempts: 5 });
    const error = await failureOf(Promise.resolve(retried.getUserInfo(userInfoRequest())));
    expect(error).toMatchObject({ status, retryable: false });
    expect(error.message).toMatch(message);
    expect(idp.requests.slice(before).filter((path) => path === TOKEN)).toHaveLength(1);
  });
});

describe('a failure of the identity provider', () => {
  it.each([500, 502, 503, 429, 408])('with status %i is retried', async (status) => {
    idp.disturb(TOKEN, 2, answers(status));
    const userInfo = await withRetry(provider(), { initialDelay: 1, maxAttempts: 3 }).getUserInfo(
      userInfoRequest(),
    );
    expect(userInfo).toHaveProperty('token');
  });

  it.each<[string, () => string, number?, number?]>([
    ['in seconds', () => '7', 7_000, 7_000],
    ['as a date', () => new Date(Date.now() + 60_000).toUTCString(), 50_000, 60_000],
    ['that makes no sense', () => 'soon'],
  ])('with Retry-After %s says when to come back', async (_, header, from, to) => {
    idp.disturb(TOKEN, 1, answers(429, { 'retry-after': header() }));
    const { retryAfterMs, retryable } = await failureOf(provider().getUserInfo(userInfoRequest()));
    expect(retryable).toBe(true);
    if (from === undefined || to === undefined) return expect(retryAfterMs).toBeUndefined();
    expect(retryAfterMs).toBeGreaterThanOrEqual(from);
    expect(retryAfterMs).toBeLessThanOrEqual(to);
  });

  it.each([
    ['a page', { 'content-type': 'text/html' }, '<html>Sign in</html>'],
    ['half a document', { 'content-type': 'application/json' }, '{"access_token": "ey'],
    ['a document without a token', { 'content-type': 'application/json' }, '{"token_type": "Bearer"}'],
  ])('that answers with %s is retried', async (_, headers, body) => {
    idp.disturb(TOKEN, 1, answers(200, headers, body));
    const error = await failureOf(provider().getUserInfo(userInfoRequest()));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toMatch(/gave no usable answer/);
  });

  it('that is too slow is cancelled', async () => {
    const closed = new Promise((resolve) =>
      idp.disturb(TOKEN, 1, (incoming) => {
        void once(incoming.socket, 'close').then(resolve);
        return true;
      }),
    );
    const slow = withTimeout(provider(), 200);
    await expect(slow.getUserInfo(userInfoRequest())).rejects.toMatchObject({ code: 'USER_INFO_TIMEOUT' });
    await closed;
  });

  it('that is down says so, and the next call reaches it when it is back', async () => {
    const one = provider();
    await idp.close();
    const error = await failureOf(one.getUserInfo(userInfoRequest()));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toMatch(/gave no usable answer: fetch failed: .*[A-Z]{3}_?[A-Z]{3}/);
    await idp.listen();
    expect(await one.getUserInfo(userInfoRequest())).toHaveProperty('token');
  });

  it('during discovery is retried', async () => {
    idp.disturb(METADATA, 2, answers(404));
    const userInfo = await withRetry(provider(), { initialDelay: 1, maxAttempts: 3 }).getUserInfo(
      userInfoRequest(),
    );
    expect(userInfo).toHaveProperty('token');
  });
});

describe('an abort', () => {
  it('goes through as it is', async () => {
    const controller = new AbortController();
    const reason = new Error('closed');
    idp.disturb(TOKEN, 1, () => {
      controller.abort(reason);
      return true;
    });
    await expect(provider().getUserInfo(userInfoRequest(controller.signal))).rejects.toBe(reason);
  });
});

describe('no secret', () => {
  it('is in an error, in an inspection or in a dump', async () => {
    const authentication = { method: 'client_secret_post', secret: `${SECRET}-wrong` } as const;
    const one = provider({ authentication });
    idp.disturb(
      TOKEN,
      1,
      answers(
        400,
        {},
        // So long that the description is cut in the middle of the token.
        JSON.stringify({
          error: 'invalid_request',
          error_description: `${'no '.repeat(59)} eyJhbGciOiJ.eyJzdWIiOiJvcmRlcnMifQ.c2ln`,
        }),
      ),
    );
    const errors = [
      await failureOf(one.getUserInfo(userInfoRequest())),
      await failureOf(one.getUserInfo(userInfoRequest())),
    ];
    const shown = [one, ...errors].map(
      (value) => inspect(value, { depth: 10, showHidden: true }) + JSON.stringify(value),
    );
    for (const output of shown) {
      expect(output).not.toContain(SECRET);
      expect(output).not.toContain('eyJzdWIi');
    }
  });
});

describe('options', () => {
  it.each<[string, object, string]>([
    [
      'an issuer over HTTP',
      { allowHttp: false },
      `Option 'ClientCredentialsProvider.issuer': expected a URL that begins with`,
    ],
    ['an issuer that is no URL', { issuer: 'id.example.com' }, `Option 'ClientCredentialsProvider.issuer'`],
    [
      'no client id',
      { clientId: '' },
      `Option 'ClientCredentialsProvider.clientId': expected a string that is not empty, got an empty string. Is an environment variable not set?`,
    ],
    [
      'no authentication',
      { authentication: undefined },
      `Option 'ClientCredentialsProvider.authentication.method'`,
    ],
    [
      'an empty secret',
      { authentication: { method: 'client_secret_post', secret: '' } },
      `Option 'ClientCredentialsProvider.authentication.secret'`,
    ],
    [
      'a key that is none',
      { authentication: { method: 'private_key_jwt', privateKey: SECRET } },
      `Option 'ClientCredentialsProvider.authentication.privateKey': expected a private key in PEM`,
    ],
    ['a misspelt one', { isuer: 'x' }, `Option 'ClientCredentialsProvider.isuer': unknown`],
    ['a way to present that is none', { present: 'password' }, `Option 'ClientCredentialsProvider.present'`],
  ])('with %s are refused', (_, options, message) => {
    let thrown: unknown;
    try {
      provider(options);
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain(message);
    expect(String(thrown)).not.toContain(SECRET);
  });
});
