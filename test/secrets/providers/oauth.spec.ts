import type { ServerResponse } from 'node:http';

import { decodeJwt, SignJWT } from 'jose';
import {
  ClientCredentialsProvider,
  type OAuthOptions,
  TokenExchangeProvider,
} from 'nestjs-nats-auth/providers';
import { describe, expect, it, onTestFinished } from 'vitest';

import { authCalloutConfig, startAuthCallout } from '../../support/auth-callout.js';
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider/identity-provider.js';
import { serverForTest } from '../../support/server-for-test.js';
import { hearTokens } from '../harness/hear-tokens.js';
import { Scene } from '../harness/scene.js';
import { Secrets } from '../harness/secrets.js';

const ONE_ATTEMPT = { refresh: { retry: { maxAttempts: 1 } } };

/** A server whose auth callout admits the tokens of a real identity provider. */
async function stage(workloadKey?: Uint8Array) {
  const secrets = new Secrets();
  const clientSecret = secrets.word('client secret');
  const metadata = { client_id: 'orders', client_secret: clientSecret };
  const idp = await startIdentityProvider({ clients: [metadata], workloadKey });
  onTestFinished(() => idp.close());
  const server = await serverForTest({ config: authCalloutConfig() });
  let admits = true;
  const callout = await startAuthCallout(server, {
    decide: ({ connect_opts: { auth_token = '' } }) =>
      admits && decodeJwt(auth_token).iss === idp.issuer
        ? { allow: { account: 'APP', name: 'orders' } }
        : { deny: 'not admitted' },
  });
  onTestFinished(() => callout.stop());
  hearTokens(secrets);
  return { secrets, clientSecret, idp, server, admit: (yes: boolean) => (admits = yes) };
}

type Stage = Awaited<ReturnType<typeof stage>>;

function optionsOf({ idp, clientSecret }: Pick<Stage, 'idp' | 'clientSecret'>): OAuthOptions {
  return {
    issuer: idp.issuer,
    clientId: 'orders',
    authentication: { method: 'client_secret_basic', secret: clientSecret },
    allowHttp: true,
  };
}

function sceneOf(at: Stage, provider: ClientCredentialsProvider | TokenExchangeProvider): Scene {
  const scene = Scene.at({ server: at.server, issue: () => ({}) }, at.secrets);
  scene.answer = (request) => provider.getUserInfo(request);
  return scene;
}

describe('an access token', () => {
  it('presented, rotated, rejected by the server, and presented again', async () => {
    const at = await stage();
    const provider = new ClientCredentialsProvider(optionsOf(at));
    const scene = sceneOf(at, provider);
    await scene.start();
    await scene.nats.rotate();
    at.admit(false);
    await scene.failing(() => scene.nats.rotate());
    await scene.lookAround();
    at.admit(true);
    await scene.answered();
    scene.ears.hear('inspection', provider);
    await scene.end();
  });

  it('rejected by the server at the first connect', async () => {
    const at = await stage();
    at.admit(false);
    const scene = sceneOf(at, new ClientCredentialsProvider(optionsOf(at)));
    await expect(scene.listen()).rejects.toMatchObject({ code: 'REJECTED' });
    await scene.end();
  });
});

describe('a client secret', () => {
  it('that the identity provider does not know', async () => {
    const at = await stage();
    const clientSecret = at.secrets.word('wrong client secret');
    const scene = sceneOf(at, new ClientCredentialsProvider(optionsOf({ ...at, clientSecret })));
    await expect(scene.listen()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    expect(scene.ears.at('error of the start')).toContain('invalid_client');
    await scene.end();
  });

  it('that the application fails to read', async () => {
    const at = await stage();
    const own = new Error('vault: sealed');
    const secret = () => Promise.reject(own);
    const options = { ...optionsOf(at), authentication: { method: 'client_secret_post' as const, secret } };
    const scene = sceneOf(at, new ClientCredentialsProvider(options));
    await expect(scene.listen()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    await scene.end();
  });
});

/** Answers of a token endpoint that are no use, with a token in them. */
const ANSWERS: Record<string, (response: ServerResponse, token: string, idp: IdentityProvider) => void> = {
  'with a token of no type': (response, token) => json(response, 200, { access_token: token }),
  'with a token of an unknown type': (response, token) =>
    json(response, 200, { access_token: token, token_type: 'mac' }),
  'with a token of a type that is no text': (response, token) =>
    json(response, 200, { access_token: token, token_type: [token] }),
  'with a token that is no text': (response, token) =>
    json(response, 200, { access_token: [token], token_type: 'bearer', expires_in: 'soon' }),
  'with a token in the place of an object': (response, token) => json(response, 200, token),
  'with a token in an error description': (response, token) =>
    json(response, 400, { error: 'invalid_request', error_description: `no good: ${token}` }),
  'with a token as error code': (response, token) => json(response, 401, { error: token }),
  'with half of an object': (response, token) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"access_token":"${token}`),
  'with HTML that quotes a token': (response, token) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${token}</p>`),
  'with a redirect that has a token': (response, token, { issuer }) =>
    response.writeHead(302, { location: `${issuer}/?token=${token}` }).end(),
  'with a challenge that quotes a token': (response, token) =>
    response.writeHead(401, { 'www-authenticate': `Basic realm="x", token="${token}"` }).end('{}'),
  'with a cookie that is a token': (response, token) =>
    response.writeHead(500, { 'set-cookie': `session=${token}` }).end('{}'),
  'by hanging up': (response) => void response.destroy(),
};

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('a token endpoint that answers', () => {
  it.each(Object.entries(ANSWERS))('%s', async (_, answer) => {
    const at = await stage();
    const token = await new SignJWT({ sub: 'orders', jti: at.secrets.word('id of a token') })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(at.secrets.word('key')));
    at.secrets.keep('quoted token', token);
    at.idp.disturb('/token', 100, (_request, response) => {
      answer(response, token, at.idp);
      return true;
    });
    const scene = sceneOf(at, new ClientCredentialsProvider(optionsOf(at)));
    await expect(scene.listen(ONE_ATTEMPT)).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    await scene.end();
  });
});

describe('a token that is exchanged', () => {
  const KEY = new TextEncoder().encode('a workload key of 32 bytes at least');

  it.each([
    ['is taken', KEY],
    ['is refused', new TextEncoder().encode('another key of 32 bytes at the least')],
  ])('%s', async (name, key) => {
    const at = await stage(KEY);
    const subjectToken = await new SignJWT({
      sub: 'workload',
      jti: at.secrets.word('id of the subject token'),
    })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
    at.secrets.keep('subject token', subjectToken);
    const provider = new TokenExchangeProvider({ ...optionsOf(at), subjectToken: () => subjectToken });
    const scene = sceneOf(at, provider);
    if (name === 'is taken') await scene.start();
    else await expect(scene.listen()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    scene.ears.hear('inspection', provider);
    await scene.end();
  });
});
