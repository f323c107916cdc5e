import { generateKeyPairSync } from 'node:crypto';

import { type JWTPayload, SignJWT } from 'jose';
import { eventually } from 'nestjs-nats-auth/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { TokenVerifier } from '../../../sample-app/src/auth-callout/token-verifier.js';
import { AUDIENCE, IdentityProvider } from '../../../sample-app/src/identity-provider/identity-provider.js';

const idp = new IdentityProvider(['orders'], 15_000);
beforeAll(() => idp.start());
afterAll(() => idp.stop());

async function tokenFor(client: string, of = idp): Promise<string> {
  const credentials = Buffer.from(`${client}:${of.secrets.get(client) ?? ''}`).toString('base64');
  const response = await fetch(`${of.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return String(((await response.json()) as { access_token?: string }).access_token);
}

const verifier = (issuer = idp.issuer, audience = AUDIENCE) => new TokenVerifier(issuer, audience);
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const forged = (claims: JWTPayload = {}) =>
  new SignJWT({ client_id: 'orders', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'forged' })
    .setIssuer(idp.issuer)
    .setAudience(AUDIENCE)
    .setExpirationTime('1h')
    .sign(stranger);

it('knows who a token is of, and until when it is valid', async () => {
  const { service, expiresAt } = await verifier().verify(await tokenFor('orders'));
  expect(service).toBe('orders');
  expect(expiresAt).toBeGreaterThan(Date.now());
  expect(expiresAt).toBeLessThanOrEqual(Date.now() + 16_000);
});

it('refuses a token of another audience, and one of another issuer', async () => {
  const token = await tokenFor('orders');
  await expect(verifier(idp.issuer, 'urn:other').verify(token)).rejects.toThrow(/"aud"/);
  const other = new IdentityProvider(['orders'], 15_000);
  await other.start();
  await expect(verifier(other.issuer).verify(token)).rejects.toThrow(/no applicable key/);
  await other.stop();
});

it('refuses what nobody we know has signed', async () => {
  await expect(verifier().verify(await forged())).rejects.toThrow(/no applicable key/);
  const [header = '', , signature = ''] = (await tokenFor('orders')).split('.');
  const [, claims = ''] = (await forged({ client_id: 'admin' })).split('.');
  await expect(verifier().verify([header, claims, signature].join('.'))).rejects.toThrow(/signature/);
  await expect(verifier().verify('')).rejects.toThrow();
});

it('refuses a token that has expired', async () => {
  // Tokens are dated in whole seconds: one of one second may have no time left.
  const brief = new IdentityProvider(['orders'], 3_000);
  await brief.start();
  const token = await tokenFor('orders', brief);
  const one = verifier(brief.issuer);
  await one.verify(token);
  const refusal = await eventually(
    () =>
      one.verify(token).then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    { what: 'the token to expire', timeoutMs: 20_000 },
  );
  expect(refusal).toMatch(/"exp"/);
  await brief.stop();
});

it('takes the tokens of a new signing key, of the one before, and serves on while the provider is away', async () => {
  const one = verifier();
  const before = await tokenFor('orders');
  await one.verify(before);
  await idp.rotateSigningKeys();
  const after = await tokenFor('orders');
  expect((await one.verify(after)).service).toBe('orders');
  expect((await one.verify(before)).service).toBe('orders');
  await idp.stop();
  expect((await one.verify(after)).service).toBe('orders');
  await idp.start();
});
