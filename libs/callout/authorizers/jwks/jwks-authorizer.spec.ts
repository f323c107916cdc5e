import { createHmac, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../../base/index.js';
import { RefusedError } from '../../errors.js';
import { authorized, refusalOf, requestOf } from '../../request.fixture.js';
import { AUDIENCE, type Issuer, keyPair, startIssuer } from '../../../../test/support/key-issuer.js';
import { JwksAuthorizer } from './jwks-authorizer.js';
import type { JwksOptions } from './jwks-options.js';

const authorizerOf = ({ url }: Pick<Issuer, 'url'>, options: Partial<JwksOptions> = {}) =>
  new JwksAuthorizer({ issuer: url, audience: AUDIENCE, admit: () => ({}), allowHttp: true, ...options });

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('the bearer of a token', () => {
  it('comes in under its sub, until the token expires', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token({ exp: 4_000_000_000 });
    const admission = await authorized(authorizerOf(issuer), requestOf({ token }));
    expect(admission).toMatchObject({ name: 'orders', expiresAt: 4_000_000_000_000 });
  });

  it('comes in as the application says, which sees all claims and the request', async () => {
    const issuer = await startIssuer();
    const admit: JwksOptions['admit'] = (claims, { client }) => ({
      name: `${String(claims['team'])}@${client.host}`,
      account: 'APP',
      expiresAt: 5,
    });
    const token = await issuer.token({ team: 'red' });
    const admission = await authorized(authorizerOf(issuer, { admit }), requestOf({ token }));
    expect(admission).toEqual({ name: 'red@127.0.0.1', account: 'APP', expiresAt: 5 });
  });

  it('keeps the end of its token when the application leaves the expiry undefined', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token({ exp: 4_000_000_000 });
    const authorizer = authorizerOf(issuer, { admit: () => ({ expiresAt: undefined }), sessionGrace: 500 });
    expect(await authorized(authorizer, requestOf({ token }))).toMatchObject({
      expiresAt: 4_000_000_000_500,
    });
  });

  it('is not made anybody by an application that answers with no admission', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token();
    const authorizer = authorizerOf(issuer, { admit: () => true as never });
    expect(await authorized(authorizer, requestOf({ token }))).toBe(true);
  });

  it.each([
    ['token', (token: string) => ({ token, pass: 'x' })],
    ['pass', (token: string) => ({ user: 'x', pass: token })],
    ['user', (token: string) => ({ user: token })],
    ['jwt', (token: string) => ({ token: 'x', jwt: { token, proven: false } })],
  ] as const)('presents it as %s', async (from, credentials) => {
    const issuer = await startIssuer();
    const request = requestOf(credentials(await issuer.token()));
    expect(await authorized(authorizerOf(issuer, { from }), request)).toMatchObject({ name: 'orders' });
  });

  it('presents it as token or as pass by default', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token();
    const authorizer = authorizerOf(issuer);
    await authorized(authorizer, requestOf({ token, pass: 'x' }));
    await authorized(authorizer, requestOf({ user: 'x', pass: token }));
    expect(await refusalOf(authorizer, requestOf({ user: token }))).toMatchObject({ reason: 'credentials' });
  });

  it('that the application does not know is refused as unknown', async () => {
    const issuer = await startIssuer();
    const authorizer = authorizerOf(issuer, { admit: () => undefined });
    const request = requestOf({ token: await issuer.token() });
    expect(await refusalOf(authorizer, request)).toMatchObject({ code: 'REFUSED', reason: 'unknown' });
  });

  it('may have a token without the name of its key', async () => {
    const issuer = await startIssuer();
    const [one, two] = [await keyPair(undefined), await keyPair(undefined)];
    issuer.keys = [one.jwk, two.jwk];
    const authorizer = authorizerOf(issuer);
    for (const key of [one, two])
      await authorized(authorizer, requestOf({ token: await issuer.token({}, key) }));
    const stranger = requestOf({ token: await issuer.token({}, await keyPair(undefined)) });
    expect(await refusalOf(authorizer, stranger)).toMatchObject({ reason: 'credentials' });
  });
});

describe('a token', () => {
  const now = Math.floor(Date.now() / 1_000);

  it.each<[string, string, object]>([
    ['has expired', 'expired', { exp: now - 60 }],
    ['never expires', 'credentials', { exp: undefined }],
    ['expires at no moment', 'credentials', { exp: 1e300 }],
    ['expires in words', 'credentials', { exp: String(now + 300) }],
    ['is not valid yet', 'credentials', { nbf: now + 60 }],
    ['is of another issuer', 'credentials', { iss: 'https://evil.example' }],
    ['has no issuer', 'credentials', { iss: undefined }],
    ['is for another audience, as an id token is', 'credentials', { aud: 'some-client' }],
    ['is for others', 'credentials', { aud: ['some', 'others'] }],
    ['is for nobody', 'credentials', { aud: undefined }],
    ['names nobody', 'credentials', { sub: undefined }],
    ['names somebody who is no text', 'credentials', { sub: { toString: 'orders' } }],
  ])('that %s is refused', async (_, reason, claims) => {
    const issuer = await startIssuer();
    const token = await issuer.token(claims as Record<string, unknown>);
    expect(await refusalOf(authorizerOf(issuer), requestOf({ token }))).toMatchObject({
      code: 'REFUSED',
      reason,
    });
  });

  it.each<[string, Partial<JwksOptions>, string]>([
    ['lacks a claim that is required', { requiredClaims: ['client_id'] }, 'credentials'],
    ['is older than is allowed', { maxTokenAge: 60_000 }, 'expired'],
    ['does not say to be an access token', { typ: 'at+jwt' }, 'credentials'],
    ['is longer than is allowed', { maxTokenSize: 100 }, 'credentials'],
    ['is signed as others, but not this application, may', { algorithms: ['RS256'] }, 'credentials'],
  ])('that %s is refused', async (_, options, reason) => {
    const issuer = await startIssuer();
    const token = await issuer.token({ iat: now - 120 });
    expect(await refusalOf(authorizerOf(issuer, options), requestOf({ token }))).toMatchObject({ reason });
  });

  it('may say to be an access token, be young and have all claims', async () => {
    const issuer = await startIssuer();
    const token = await issuer.token({ client_id: 'c' }, issuer.key, { typ: 'application/at+jwt' });
    const authorizer = authorizerOf(issuer, {
      requiredClaims: ['client_id'],
      maxTokenAge: 60_000,
      typ: 'at+jwt',
    });
    await authorized(authorizer, requestOf({ token }));
  });

  it('may be from a clock that differs by less than the tolerance', async () => {
    const issuer = await startIssuer();
    const early = requestOf({ token: await issuer.token({ nbf: now + 20 }) });
    await authorized(authorizerOf(issuer, { clockTolerance: 60_000 }), early);
    expect(await refusalOf(authorizerOf(issuer, { clockTolerance: 0 }), early)).toBeInstanceOf(RefusedError);
  });

  it.each([
    ['nothing', ''],
    ['a password', 'secret'],
    ['dots', '..'],
    ['an encrypted JWT', 'a.b.c.d.e'],
    ['no JSON', 'e30.e30.e30'],
    ['a header that is an array', `${part([])}.${part({})}.c2ln`],
  ])('that is %s is refused', async (_, token) => {
    const issuer = await startIssuer();
    expect(await refusalOf(authorizerOf(issuer), requestOf({ token }))).toMatchObject({
      reason: 'credentials',
    });
  });

  it('is shown in no refusal, nor are its claims', async () => {
    const issuer = await startIssuer();
    const stranger = await keyPair('first');
    const good = await issuer.token({ secret: 'SECRETMARK' });
    const tokens = [
      await issuer.token({ exp: now - 60, secret: 'SECRETMARK' }),
      await issuer.token({ aud: 'SECRETMARK' }),
      await issuer.token({ iss: 'SECRETMARK' }),
      await issuer.token({ sub: 'SECRETMARK' }, stranger),
      await issuer.token({}, await keyPair('SECRETMARK')),
      'SECRETMARK.SECRETMARK.SECRETMARK',
      'SECRETMARK',
    ];
    for (const token of tokens) {
      const shown = inspect(await refusalOf(authorizerOf(issuer), requestOf({ token })), { depth: 9 });
      expect(shown).toContain('RefusedError');
      expect(shown).not.toMatch(/SECRETMARK|eyJ/);
    }
    const shown = inspect(
      await refusalOf(authorizerOf(issuer, { maxTokenSize: 9 }), requestOf({ token: good })),
    );
    expect(shown).not.toContain(good);
  });
});

describe('a token that nobody signed who may', () => {
  const claims = (issuer: Issuer) => ({
    iss: issuer.url,
    aud: AUDIENCE,
    sub: 'admin',
    exp: Math.floor(Date.now() / 1_000) + 300,
  });

  it.each(['none', 'None', 'NONE', ''])(`has no signature, and says so ('%s')`, async (alg) => {
    const issuer = await startIssuer();
    for (const signature of ['', 'c2ln']) {
      const token = `${part({ alg })}.${part(claims(issuer))}.${signature}`;
      expect(await refusalOf(authorizerOf(issuer), requestOf({ token }))).toMatchObject({
        reason: 'credentials',
      });
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])(
    'is signed (%s) with the public key, in each of its forms',
    async (alg) => {
      const issuer = await startIssuer();
      const rsa = await keyPair('rsa', 'RS256');
      issuer.keys.push(rsa.jwk);
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      const forms = [
        JSON.stringify(rsa.jwk),
        String(rsa.jwk.n),
        publicKey.export({ type: 'spki', format: 'pem' }),
        publicKey.export({ type: 'pkcs1', format: 'der' }),
      ];
      for (const secret of forms) {
        const signed = `${part({ alg, kid: 'rsa' })}.${part(claims(issuer))}`;
        const mac = createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url');
        const refusal = await refusalOf(authorizerOf(issuer), requestOf({ token: `${signed}.${mac}` }));
        expect(refusal).toMatchObject({ reason: 'credentials' });
      }
    },
  );

  it('brings its own key', async () => {
    const issuer = await startIssuer();
    const own = await keyPair('first');
    for (const header of [
      { jwk: own.jwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x' },
      { x5c: ['bm8gY2VydGlmaWNhdGU='] },
    ]) {
      const token = await issuer.token({ sub: 'admin' }, own, header);
      expect(await refusalOf(authorizerOf(issuer), requestOf({ token }))).toMatchObject({
        reason: 'credentials',
      });
    }
  });

  it('names an algorithm of another kind of key', async () => {
    const issuer = await startIssuer();
    const rsa = await keyPair('first', 'RS256');
    const token = await issuer.token({}, rsa);
    expect(await refusalOf(authorizerOf(issuer), requestOf({ token }))).toMatchObject({
      reason: 'credentials',
    });
  });

  it('is signed with a symmetric key that the issuer publishes by mistake', async () => {
    const issuer = await startIssuer();
    issuer.keys.push({
      kty: 'oct',
      kid: 'oct',
      alg: 'HS256',
      k: Buffer.from('shared').toString('base64url'),
    });
    const signed = `${part({ alg: 'HS256', kid: 'oct' })}.${part(claims(issuer))}`;
    const mac = createHmac('sha256', 'shared').update(signed).digest('base64url');
    const refusal = await refusalOf(authorizerOf(issuer), requestOf({ token: `${signed}.${mac}` }));
    expect(refusal).toMatchObject({ reason: 'credentials' });
  });
});

describe('the keys of the issuer', () => {
  const jwks = ({ asked }: Issuer) => asked.filter((path) => path === '/jwks').length;

  it('are asked for once by thousands of tokens with random names of keys, and known ones go on', async () => {
    const issuer = await startIssuer();
    const authorizer = authorizerOf(issuer);
    const real = await issuer.token();
    const [, payload, signature] = real.split('.');
    const unknown = (n: number) => `${part({ alg: 'ES256', kid: `random-${n}` })}.${payload}.${signature}`;
    const refusals = await Promise.all(
      Array.from({ length: 3_000 }, (_, n) => refusalOf(authorizer, requestOf({ token: unknown(n) }))),
    );
    expect(new Set(refusals.map((error) => (error as RefusedError).reason))).toEqual(
      new Set(['credentials']),
    );
    await authorized(authorizer, requestOf({ token: real }));
    expect(jwks(issuer)).toBe(1);
  });

  it('are fetched anew for a token that is signed with a new one', async () => {
    const issuer = await startIssuer();
    const authorizer = authorizerOf(issuer, { cooldown: 1 });
    await authorized(authorizer, requestOf({ token: await issuer.token() }));
    const next = await keyPair('second');
    issuer.keys = [next.jwk];
    const tokens = await Promise.all(Array.from({ length: 50 }, () => issuer.token({}, next)));
    await Promise.all(tokens.map((token) => authorized(authorizer, requestOf({ token }))));
    expect(jwks(issuer)).toBe(2);
    expect(await refusalOf(authorizer, requestOf({ token: await issuer.token() }))).toBeInstanceOf(
      RefusedError,
    );
  });

  it('that are known serve on while the issuer is away; what cannot be told then is a failure with its cause', async () => {
    const issuer = await startIssuer();
    const authorizer = authorizerOf(issuer, { cooldown: 1, maxKeyAge: 1 });
    await authorized(authorizer, requestOf({ token: await issuer.token() }));
    await issuer.stop();
    await authorized(authorizer, requestOf({ token: await issuer.token() }));
    const unknown = await issuer.token({}, await keyPair('second'));
    const failure = await refusalOf(authorizer, requestOf({ token: unknown }));
    expect(failure).toMatchObject({ name: 'KeysUnavailableError', code: 'KEYS_UNAVAILABLE' });
    expect(inspect(failure)).toContain('ECONNREFUSED');
  });

  it('are a failure while none are known, and no refusal', async () => {
    const issuer = await startIssuer();
    await issuer.stop();
    const authorizer = authorizerOf(issuer, { cooldown: 1 });
    const request = requestOf({ token: await issuer.token() });
    expect(await refusalOf(authorizer, request)).toMatchObject({ code: 'KEYS_UNAVAILABLE' });
    await issuer.listen();
    await expect.poll(() => refusalOf(authorizer, request)).toBeUndefined();
  });

  it.each<[string, (issuer: Issuer) => void, string]>([
    [
      'an error',
      (issuer) => (issuer.answer = (_, response) => response.writeHead(503).end()),
      'answered 503',
    ],
    [
      'a redirect',
      (issuer) => (issuer.answer = (_, response) => response.writeHead(302, { location: '/jwks' }).end()),
      'answered 302',
    ],
    ['a page', (issuer) => (issuer.answer = (_, response) => response.end('<html>')), 'no JSON'],
    [
      'metadata of another issuer',
      (issuer) => (issuer.metadata = { issuer: 'https://evil' }),
      'another issuer',
    ],
    ['metadata without keys', (issuer) => (issuer.metadata = { issuer: issuer.url }), `no 'jwks_uri'`],
    [
      'metadata with keys of a file',
      (issuer) => (issuer.metadata = { issuer: issuer.url, jwks_uri: 'file:///etc/passwd' }),
      `no 'jwks_uri'`,
    ],
    ['no set of keys', (issuer) => (issuer.keys = 'none' as never), 'no JSON Web Key Set'],
    [
      'an answer without an end',
      (issuer) =>
        (issuer.answer = (_, response) => {
          const more = () => {
            while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
          };
          response.on('drain', more);
          more();
        }),
      'longer than 1048576 bytes',
    ],
    ['nothing', (issuer) => (issuer.answer = () => {}), 'no answer within 300 ms'],
  ])('are a failure when the issuer answers with %s', async (_, disturb, words) => {
    const issuer = await startIssuer();
    disturb(issuer);
    const authorizer = authorizerOf(issuer, { timeout: 300 });
    const failure = await refusalOf(authorizer, requestOf({ token: await issuer.token() }));
    expect(failure).toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      message: expect.stringContaining(words) as string,
    });
  });

  it('keep nobody waiting whose server waits no more', async () => {
    const issuer = await startIssuer();
    issuer.answer = () => {};
    const authorizer = authorizerOf(issuer);
    const gone = new AbortController();
    const asked = authorized(authorizer, requestOf({ token: await issuer.token() }), gone.signal);
    gone.abort(new Error('nobody waits'));
    await expect(asked).rejects.toThrow('nobody waits');
  });

  it('may be where the options say, without metadata', async () => {
    const issuer = await startIssuer();
    const authorizer = authorizerOf(issuer, { jwksUri: `${issuer.url}/jwks` });
    await authorized(authorizer, requestOf({ token: await issuer.token() }));
    expect(issuer.asked).toEqual(['/jwks']);
  });
});

describe('options of a JwksAuthorizer', () => {
  const good = { issuer: 'https://id.example.com', audience: 'nats', admit: () => ({}) };

  it.each<[string, object]>([
    ['issuer', { issuer: undefined }],
    ['issuer', { issuer: 'http://id.example.com' }],
    ['issuer', { issuer: 'https://user:secret@id.example.com' }],
    ['jwksUri', { jwksUri: 'file:///jwks' }],
    ['audience', { audience: undefined }],
    ['audience', { audience: [] }],
    ['audience', { audience: '' }],
    ['admit', { admit: undefined }],
    ['algorithms', { algorithms: ['none'] }],
    ['algorithms', { algorithms: ['RS256', 'HS256'] }],
    ['algorithms', { algorithms: [] }],
    ['algorithms', { algorithms: 'RS256' }],
    ['from', { from: 'header' }],
    ['clockTolerance', { clockTolerance: -1 }],
    ['cooldown', { cooldown: 0 }],
    ['maxKeyAge', { cooldown: 20_000, maxKeyAge: 10_000 }],
    ['maxTokenSize', { maxTokenSize: Number.NaN }],
    ['timeout', { timeout: '1s' }],
    ['fetch', { fetch: 'node' }],
    ['secret', { secret: 'x' }],
  ])('are refused by name: %s', (option, changes) => {
    const make = () => new JwksAuthorizer({ ...good, ...changes });
    expect(make).toThrow(OptionsInvalidError);
    expect(make).toThrow(`'JwksAuthorizer.${option}'`);
  });

  it('say which algorithm is not accepted', () => {
    const make = () => new JwksAuthorizer({ ...good, algorithms: ['HS256' as never] });
    expect(make).toThrow(`'HS256' is not accepted`);
  });
});
