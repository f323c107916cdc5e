import { createPublicKey, type JsonWebKey } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { JwksAuthorizer, type RefusalReason, subjectToken } from '../../../libs/callout/index.js';
import { AUDIENCE, type Issuer, keyPair, startIssuer } from '../../support/key-issuer.js';
import { connect, refusal, seenBy, VIOLATION } from '../harness/clients.js';
import { configMode } from '../harness/config-mode.js';
import { hmacJwt, unsignedJwt } from '../harness/forge.js';
import { LANES } from '../harness/lanes.js';

const seconds = () => Math.floor(Date.now() / 1_000);

/** What the identity provider would say of `admin`. */
const ofAdmin = ({ url }: Issuer) => ({ iss: url, aud: AUDIENCE, sub: 'admin', exp: seconds() + 300 });

/** The key that the identity provider publishes, in the forms in which it could serve as a shared secret. */
function publicForms({ key: { jwk } }: Issuer): string[] {
  const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  return [JSON.stringify(jwk), String(pem)];
}

/** The signature of a token below other claims. */
async function withClaims(issuer: Issuer, claims: object): Promise<string> {
  const [header, , signature] = (await issuer.token()).split('.');
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
}

describe.each(LANES)('$label: a token of an identity provider', (lane) => {
  const start = async () => {
    const issuer = await startIssuer();
    const authorizer = new JwksAuthorizer({
      issuer: issuer.url,
      audience: AUDIENCE,
      allowHttp: true,
      admit: ({ sub }) => {
        const name = subjectToken(sub);
        return { name, permissions: { publish: { allow: [`${name}.>`] } } };
      },
    });
    const place = await configMode(lane, { authorize: authorizer.authorize.bind(authorizer) });
    return { ...place, issuer };
  };

  it('lets its bearer in, as token and as password', async () => {
    const { server, callout, issuer } = await start();
    const token = await issuer.token();
    await connect(lane, server, { token, name: 'by-token' });
    await connect(lane, server, { user: 'anybody', pass: token, name: 'by-password' });
    for (const name of ['by-token', 'by-password'])
      expect(await seenBy(server, name)).toMatchObject({ account: 'APP', authorized_user: 'orders' });
    expect(JSON.stringify(callout.told)).not.toContain('eyJ');
  });

  it.each<[string, RefusalReason, (issuer: Issuer) => string | Promise<string> | string[]]>([
    ['that has expired', 'expired', (issuer) => issuer.token({ exp: seconds() - 60 })],
    ['for another audience', 'credentials', (issuer) => issuer.token({ aud: 'billing' })],
    ['of another issuer', 'credentials', (issuer) => issuer.token({ iss: 'https://evil.example' })],
    [
      'that a stranger has signed under the name of a known key',
      'credentials',
      async (issuer) => issuer.token({ sub: 'admin' }, await keyPair(issuer.key.kid)),
    ],
    ['that nobody has signed', 'credentials', (issuer) => unsignedJwt(ofAdmin(issuer), { kid: 'first' })],
    [
      'that is signed with the public key as a shared secret',
      'credentials',
      (issuer) => publicForms(issuer).map((form) => hmacJwt(ofAdmin(issuer), form, { kid: 'first' })),
    ],
    [
      'with claims that were changed after it was signed',
      'credentials',
      (issuer) => withClaims(issuer, ofAdmin(issuer)),
    ],
    [
      'whose name would be a wildcard in the permissions',
      'forbidden',
      (issuer) => issuer.token({ sub: 'orders.>' }),
    ],
    ['that is none', 'credentials', () => 'a-password'],
  ])('%s lets nobody in: %s', async (_, reason, make) => {
    const { server, callout, issuer } = await start();
    const tokens = [await make(issuer)].flat();
    for (const [i, token] of tokens.entries()) {
      expect(await refusal(lane, server, { token, name: 'mallory' })).toMatch(VIOLATION);
      expect(await callout.until('refused', i + 1)).toMatchObject({ reason, client: 'mallory' });
      expect(JSON.stringify(callout.told) + (await server.log())).not.toContain(token);
    }
    await connect(lane, server, { token: await issuer.token() });
  });
});
