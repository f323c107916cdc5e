import { describe, expect, it } from 'vitest';

import { createAccount, createServer, createUser, decode } from '../../../test/support/nats-reference.js';
import { acceptedAdmission } from '../acceptance/accepted-admission.js';
import type { Admission } from '../admission.js';
import { parseJwt } from '../jwt/parse-jwt.js';
import { accountSeed, seedOf } from '../keys/keys.fixture.js';
import { verifySignature } from '../keys/verify-signature.js';
import type { CalloutClient } from '../request/callout-request.js';
import { calloutSettings } from '../settings.js';
import { answerWith, userJwt } from './answer.js';

const client: CalloutClient = { id: 7, host: '10.1.2.3', type: 'STANDARD' };
const userNkey = createUser().getPublicKey();
const serverId = createServer().getPublicKey();
const now = 1_700_000_000_400;

const orders = createAccount();
const signingKey = createAccount();
const scoped = createAccount();
const operatorAccounts = [
  {
    name: 'orders',
    publicKey: orders.getPublicKey(),
    keys: [seedOf(signingKey), seedOf(orders)],
    scopes: { reader: seedOf(scoped) },
  },
];

async function admitted(admission: Admission, accounts: Parameters<typeof calloutSettings>[0]['accounts']) {
  const settings = await calloutSettings({ issuer: accountSeed(), accounts });
  const [issuer] = settings.issuers;
  if (!issuer) throw new Error('there is an issuer');
  const jwt = await userJwt(acceptedAdmission(admission, { client }, settings, now), userNkey, issuer);
  const parsed = parseJwt(jwt);
  expect(parsed && verifySignature(decode(jwt).iss, parsed.signed, parsed.signature)).toBe(true);
  return { claims: decode<Record<string, unknown>>(jwt), issuer };
}

describe('the JWT of a user who is admitted', () => {
  it('names the account in config mode, and is signed by the issuer', async () => {
    const permissions = {
      publish: { allow: ['orders.>'], deny: ['orders.secret'] },
      subscribe: { allow: ['_INBOX.>', { subject: 'jobs.*', queue: 'workers' }] },
      responses: { max: 5, ttl: 1_500 },
    };
    const { claims, issuer } = await admitted({ name: 'ann', permissions, tags: ['Team:Blue'] }, ['ORDERS']);
    expect(claims).toMatchObject({
      aud: 'ORDERS',
      iss: issuer.publicKey,
      sub: userNkey,
      name: 'ann',
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    });
    expect(claims.nats).toEqual({
      type: 'user',
      version: 2,
      tags: ['team:blue'],
      pub: { allow: ['orders.>'], deny: ['orders.secret'] },
      sub: { allow: ['_INBOX.>', 'jobs.* workers'] },
      resp: { max: 5, ttl: 1_500_000_000 },
      subs: -1,
      data: -1,
      payload: -1,
    });
  });

  it('is signed by the account in operator mode, by the first of its keys', async () => {
    const { claims } = await admitted({ name: 'ann' }, operatorAccounts);
    expect(claims.iss).toBe(signingKey.getPublicKey());
    expect(claims.nats).toMatchObject({ issuer_account: orders.getPublicKey(), subs: -1 });
    expect(claims).not.toHaveProperty('aud');
    const own = await admitted({ name: 'ann' }, [
      { name: 'orders', publicKey: orders.getPublicKey(), keys: seedOf(orders) },
    ]);
    expect(own.claims.iss).toBe(orders.getPublicKey());
    expect(own.claims.nats).not.toHaveProperty('issuer_account');
  });

  it('leaves permissions and limits to the template of a scope', async () => {
    const { claims } = await admitted(
      { name: 'ann', scope: 'reader', tags: ['team:blue'] },
      operatorAccounts,
    );
    expect(claims.iss).toBe(scoped.getPublicKey());
    expect(claims.nats).toEqual({
      type: 'user',
      version: 2,
      tags: ['team:blue'],
      issuer_account: orders.getPublicKey(),
    });
  });
});

describe('an answer', () => {
  const answered = async (outcome: { jwt: string } | { error: string }, account?: string) => {
    const seed = accountSeed();
    const { issuers } = await calloutSettings({
      issuer: account === undefined ? seed : { seed, account },
      accounts: account === undefined ? ['ORDERS'] : operatorAccounts,
    });
    const [issuer] = issuers;
    if (!issuer) throw new Error('there is an issuer');
    const jwt = Buffer.from(await answerWith(outcome, { userNkey, serverId }, issuer, now)).toString();
    // Their decoder takes UTF-8 for Latin-1.
    return { claims: { ...decode(jwt), ...parseJwt(jwt)?.claims }, issuer };
  };

  it('is one for the server that asks and the user of the request', async () => {
    const { claims, issuer } = await answered({ jwt: 'a.b.c' });
    expect(claims).toMatchObject({ aud: serverId, sub: userNkey, iss: issuer.publicKey });
    expect(claims.nats).toEqual({ type: 'authorization_response', version: 2, jwt: 'a.b.c' });
  });

  it('names the account of a signing key', async () => {
    const account = createAccount().getPublicKey();
    const { claims } = await answered({ jwt: 'a.b.c' }, account);
    expect(claims.nats).toMatchObject({ issuer_account: account });
  });

  it.each([
    ['no', 'no'],
    ['', 'refused'],
    [' \n', 'refused'],
    ['two\r\nlines\u2028', 'two lines'],
    ['https://me:hunter2@host', 'https://[redacted]@host'],
    ['x'.repeat(10_000), `${'x'.repeat(256)}…`],
  ])('holds why a client is refused, in a short line without secrets', async (error, told) => {
    const { claims } = await answered({ error });
    expect(claims.nats).toEqual({ type: 'authorization_response', version: 2, error: told });
  });
});
