import { generateKeyPairSync } from 'node:crypto';

import { TokenExchangeProvider, withRetry, type ClientAuthentication } from 'nestjs-nats-auth/providers';
import { expect, describe, it } from 'vitest';

import { SECRET } from './clients.js';
import { providerAt, tokenServer } from './token-server.js';
import { userInfoRequest } from './user-info-request.js';

const pemOf = (type: 'P-384' | 'ed448' | 'rsa 1024') => {
  const { privateKey } =
    type === 'P-384'
      ? generateKeyPairSync('ec', { namedCurve: type })
      : type === 'ed448'
        ? generateKeyPairSync(type)
        : generateKeyPairSync('rsa', { modulusLength: 1024 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};

/** A function of the options whose author was told by nobody that it gives the wrong thing. */
const giving = (value: unknown) => () => value as string;
const throwing = (fields: object) => () => {
  throw Object.assign(new Error('vault: sealed'), fields);
};
const basic = (secret: () => string): ClientAuthentication => ({ method: 'client_secret_basic', secret });
const keyed = (privateKey: () => string): ClientAuthentication => ({ method: 'private_key_jwt', privateKey });

/** The error of one call, and how often what failed was called for it. */
async function failure(options: object) {
  let asked = 0;
  const server = await tokenServer((_, response) => {
    asked++;
    const token = { access_token: 'opaque', token_type: 'bearer' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  });
  const subjectToken = 'subjectToken' in options && options.subjectToken;
  const one = subjectToken
    ? new TokenExchangeProvider({
        issuer: server.url,
        tokenEndpoint: server.url,
        clientId: 'orders',
        authentication: { method: 'none' },
        allowHttp: true,
        subjectToken: subjectToken as () => string,
      })
    : providerAt(server, options);
  let calls = 0;
  const counted = {
    getUserInfo: (request: Parameters<typeof one.getUserInfo>[0]) => {
      calls++;
      return one.getUserInfo(request);
    },
  };
  const retried = withRetry(counted, { initialDelay: 1, maxAttempts: 3 });
  const error: unknown = await Promise.resolve(retried.getUserInfo(userInfoRequest())).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  return { error: error as Error, calls, asked };
}

describe('a fault on our own side is told by the name of the option, and not tried again:', () => {
  it.each<[string, object, string, RegExp]>([
    [
      'a secret that is not there',
      { authentication: basic(giving(undefined)) },
      'authentication.secret',
      /undefined/,
    ],
    ['an empty secret', { authentication: basic(giving('')) }, 'authentication.secret', /an empty string/],
    ['a secret that is no text', { authentication: basic(giving({})) }, 'authentication.secret', /an object/],
    [
      'a function that forbids a retry',
      { authentication: basic(throwing({ retryable: false })) },
      'authentication.secret',
      /the function failed: vault: sealed/,
    ],
    [
      'a key on the wrong curve',
      { authentication: keyed(() => pemOf('P-384')) },
      'authentication.privateKey',
      /expected an RSA key .*, got ec secp384r1/,
    ],
    [
      'a key of the wrong kind',
      { authentication: keyed(() => pemOf('ed448')) },
      'authentication.privateKey',
      /ed448/,
    ],
    [
      'a key that is too short',
      { authentication: keyed(() => pemOf('rsa 1024')) },
      'authentication.privateKey',
      /rsa of 1024 bits/,
    ],
    ['no key', { authentication: keyed(() => SECRET) }, 'authentication.privateKey', /a private key in PEM/],
    ['a way to present that throws', { present: throwing({ retryable: false }) }, 'present', /vault: sealed/],
    ['a fetch that gives nothing', { fetch: giving(undefined) }, 'fetch', /gave no response/],
    [
      'a token to exchange that is not there',
      { subjectToken: giving(undefined) },
      'subjectToken',
      /undefined/,
    ],
    ['an empty token to exchange', { subjectToken: giving('\n') }, 'subjectToken', /an empty string/],
  ])('%s', async (_, options, option, message) => {
    const { error, calls } = await failure(options);
    const provider = 'subjectToken' in options ? 'TokenExchangeProvider' : 'ClientCredentialsProvider';
    expect(error).toMatchObject({
      code: 'OPTIONS_INVALID',
      option: `${provider}.${option}`,
      retryable: false,
    });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(SECRET);
    expect(calls).toBe(1);
  });

  it.each<[string, object, string]>([
    [
      'secret',
      { authentication: basic(throwing({ retryAfterMs: 3 })) },
      'ClientCredentialsProvider.authentication.secret',
    ],
    [
      'token to exchange',
      { subjectToken: throwing({ retryAfterMs: 3 }) },
      'TokenExchangeProvider.subjectToken',
    ],
  ])('but the source of a %s that is out of reach is asked again', async (_, options, option) => {
    const { error, calls, asked } = await failure(options);
    expect(error).toMatchObject({
      code: 'USER_INFO_UNAVAILABLE',
      message: `Option '${option}': the function failed: vault: sealed`,
      retryAfterMs: 3,
      cause: { message: 'vault: sealed' },
    });
    expect({ calls, asked }).toEqual({ calls: 3, asked: 0 });
  });
});

describe('what can be known at start is refused at start:', () => {
  it.each<[string, object, string]>([
    [
      'a key on the wrong curve',
      { authentication: { method: 'private_key_jwt', privateKey: pemOf('P-384') } },
      'authentication.privateKey',
    ],
    [
      'a key id that is none',
      { authentication: { method: 'private_key_jwt', privateKey: () => '', keyId: 1 } },
      'authentication.keyId',
    ],
    [
      'certificates that are none',
      { authentication: { method: 'tls_client_auth', cert: SECRET, key: SECRET } },
      'authentication',
    ],
    ['authorities that are none', { ca: 'none' }, 'ca'],
    ['a scope that is none', { scope: 5 }, 'scope'],
    ['a list with something that is no scope', { scope: ['nats', undefined] }, 'scope'],
    ['a parameter that is not there', { parameters: { tenant: undefined } }, 'parameters.tenant'],
    ['a fetch that is none', { fetch: 'https://proxy.invalid' }, 'fetch'],
  ])('%s', (_, options, option) => {
    const refused = { code: 'OPTIONS_INVALID', option: `ClientCredentialsProvider.${option}` };
    let thrown: unknown;
    try {
      providerAt({ url: 'https://id.invalid' }, options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(refused);
    expect(String(thrown)).not.toContain(SECRET);
  });
});
