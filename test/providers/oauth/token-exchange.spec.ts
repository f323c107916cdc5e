import { generateKeyPairSync } from 'node:crypto';

import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { TokenExchangeProvider, type TokenExchangeOptions } from 'nestjs-nats-auth/providers';
import { afterAll, beforeAll, expect, it } from 'vitest';

import {
  AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../support/identity-provider/identity-provider.js';
import { SECRET, secretClient } from './clients.js';
import { userInfoRequest } from './user-info-request.js';

const client = secretClient('client_secret_basic');
const workload = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let idp: IdentityProvider;
beforeAll(async () => {
  idp = await startIdentityProvider({ clients: [client.metadata], workloadKey: workload.publicKey });
});
afterAll(() => idp.close());

const provider = (subjectToken: TokenExchangeOptions['subjectToken']) =>
  new TokenExchangeProvider({
    issuer: idp.issuer,
    clientId: 'client_secret_basic',
    authentication: client.authentication,
    subjectToken,
    allowHttp: true,
  });

const tokenOf = (key: typeof workload) =>
  new SignJWT({ sub: 'system:serviceaccount:shop:orders' })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime('5m')
    .sign(key.privateKey);

it("exchanges the workload's token for one that NATS accepts, and asks for the former each time", async () => {
  let asked = 0;
  const exchange = provider(() => {
    asked++;
    return tokenOf(workload);
  });
  for (let time = 0; time < 2; time++) {
    const { token = '', expiresAt } = await exchange.getUserInfo(userInfoRequest());
    const jwks = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
    const { payload } = await jwtVerify(token, jwks, { issuer: idp.issuer, audience: AUDIENCE });
    expect(payload).toMatchObject({ client_id: 'client_secret_basic', scope: 'nats' });
    expect(expiresAt).toBeGreaterThan(Date.now());
  }
  expect(asked).toBe(2);
});

it('is not retried when the token is refused', async () => {
  await expect(provider(() => tokenOf(stranger)).getUserInfo(userInfoRequest())).rejects.toMatchObject({
    retryable: false,
    status: 400,
    message: expect.stringContaining('invalid_grant: the subject token is not valid') as unknown,
  });
});

it('fails with what the source of the token failed with', async () => {
  const failure = new Error('the volume is not mounted');
  await expect(provider(() => Promise.reject(failure)).getUserInfo(userInfoRequest())).rejects.toHaveProperty(
    'cause',
    failure,
  );
});

it('refuses a token that is no function, without quoting it', () => {
  expect(() => provider(SECRET as never)).toThrow(
    /^Option 'TokenExchangeProvider.subjectToken': expected a function that gives a token.$/,
  );
});
