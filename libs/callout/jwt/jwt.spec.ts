import { createHmac, sign } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { ed25519PrivateKey, parseSeed } from '../../base/index.js';
import {
  createAccount,
  createUser,
  decode,
  encodeUser,
  fromPublic,
} from '../../../test/support/nats-reference.js';
import { accountSigner } from '../keys/account-signer.js';
import { seedOf } from '../keys/keys.fixture.js';
import { verifySignature } from '../keys/verify-signature.js';
import { encodeJwt, type SignedClaims } from './encode-jwt.js';
import { parseJwt } from './parse-jwt.js';

const account = createAccount();
const signer = accountSigner('callout.issuer', seedOf(account));
const user = createUser().getPublicKey();
const claims: SignedClaims = {
  sub: user,
  aud: 'ORDERS',
  name: 'ann',
  iat: 1_700_000_000,
  exp: 4_000_000_000,
  nats: { type: 'user', version: 2, pub: { allow: ['orders.>'] }, subs: -1, data: -1, payload: -1 },
};

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = { typ: 'JWT', alg: 'ed25519-nkey' };
const SIGNATURE = Buffer.alloc(64, 1).toString('base64url');

describe('a JWT that the callout signs', () => {
  it('is one for the libraries of NATS', async () => {
    const jwt = await encodeJwt(claims, signer);
    const { sub, aud, name, iat, exp, nats } = claims;
    expect(decode(jwt)).toMatchObject({ sub, aud, name, iat, exp, nats, iss: account.getPublicKey() });
    const parsed = parseJwt(jwt);
    expect(parsed && fromPublic(account.getPublicKey()).verify(parsed.signed, parsed.signature)).toBe(true);
  });

  it('holds texts of every language', async () => {
    const parsed = parseJwt(await encodeJwt({ ...claims, name: 'Jörg 語 🔑' }, signer));
    expect(parsed?.claims['name']).toBe('Jörg 語 🔑');
  });

  it('has an id of its own when it says something else', async () => {
    const ids = await Promise.all(
      [claims, claims, { ...claims, name: 'other' }].map(
        async (one) => parseJwt(await encodeJwt(one, signer))?.claims['jti'],
      ),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[1]);
  });

  it.each<[string, object]>([
    ['an expiry that is unknown', { exp: NaN }],
    ['an expiry that never comes', { exp: Infinity }],
    ['an expiry in ms', { exp: 4_000_000_000_000 }],
    ['a part of a second', { exp: 4_000_000_000.5 }],
    ['a time before all times', { iat: -1 }],
    ['a limit that is unknown', { nats: { type: 'user', version: 2, resp: { max: NaN, ttl: 1 } } }],
    [
      'a limit that JSON has no number for',
      { nats: { type: 'user', version: 2, resp: { max: 1, ttl: Infinity } } },
    ],
  ])('is not made with %s', async (_, wrong) => {
    await expect(encodeJwt({ ...claims, ...wrong }, signer)).rejects.toThrow(RangeError);
  });
});

describe('a JWT that arrives', () => {
  it('is read as the libraries of NATS write it', async () => {
    const jwt = await encodeUser('me', createUser(), account);
    const parsed = parseJwt(jwt);
    expect(parsed?.claims).toEqual(decode(jwt));
    expect(parsed && verifySignature(account.getPublicKey(), parsed.signed, parsed.signature)).toBe(true);
  });

  it.each<[string, object]>([
    ['none', { typ: 'JWT', alg: 'none' }],
    ['HS256', { typ: 'JWT', alg: 'HS256' }],
    ['EdDSA', { typ: 'JWT', alg: 'EdDSA' }],
    ['version 1 of NATS', { typ: 'JWT', alg: 'ed25519' }],
    ['its list', { typ: 'JWT', alg: ['ed25519-nkey'] }],
    ['another case', { typ: 'JWT', alg: 'ED25519-NKEY' }],
    ['no type', { alg: 'ed25519-nkey' }],
    ['another type', { typ: 'JOSE', alg: 'ed25519-nkey' }],
    ['nothing', {}],
    ['a list', []],
  ])('is none when its header names %s', (_, header) => {
    expect(parseJwt(`${part(HEADER)}.${part({})}.${SIGNATURE}`)).toBeDefined();
    expect(parseJwt(`${part(header)}.${part({})}.${SIGNATURE}`)).toBeUndefined();
  });

  it('is not verified by what is no signature of the key, such as an HMAC with the public key', () => {
    const signed = `${part(HEADER)}.${part({ iss: account.getPublicKey() })}`;
    const mac = createHmac('sha512', account.getPublicKey()).update(signed).digest();
    const parsed = parseJwt(`${signed}.${mac.toString('base64url')}`);
    expect(parsed && verifySignature(account.getPublicKey(), parsed.signed, parsed.signature)).toBe(false);
  });

  it('has one text only: what base64 or JSON would let pass is refused', () => {
    const [head, body, key] = [part(HEADER), part({ a: 1 }), parseSeed(seedOf(account))];
    const good = key
      ? sign(null, Buffer.from(`${head}.${body}`), ed25519PrivateKey(key.raw)).toString('base64url')
      : '';
    expect(parseJwt(`${head}.${body}.${good}`)).toBeDefined();
    const bodies = [
      `${body}=`,
      `${body}\n`,
      ` ${body}`,
      `${body.slice(0, 2)}+${body.slice(2)}`,
      `${body}A`,
      '',
    ];
    for (const other of bodies) expect(parseJwt(`${head}.${other}.${good}`)).toBeUndefined();
    // The last character of 64 bytes has four bits that count for nothing.
    const twin = `${good.slice(0, -1)}${String.fromCharCode(good.charCodeAt(85) + 1)}`;
    const tails = [`${good}=`, `${good}.`, `${good}.x`, good.slice(0, -1), `${good}A`, '', twin];
    for (const tail of tails) expect(parseJwt(`${head}.${body}.${tail}`)).toBeUndefined();
    expect(parseJwt(`.${head}.${body}.${good}`)).toBeUndefined();
  });

  it.each<[string, string]>([
    ['a text', '"x"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['nothing', ' '],
    ['cut off', '{"a":'],
    ['nested without end', `{"a":${'['.repeat(200_000)}`],
    ['no UTF-8', '{"a":"\xff"}'],
  ])('is none when its claims are %s', (_, json) => {
    const body = Buffer.from(json, 'latin1').toString('base64url');
    expect(parseJwt(`${part(HEADER)}.${body}.${SIGNATURE}`)).toBeUndefined();
  });

  it('is not looked at when it is larger than any server sends', () => {
    const body = part({ a: 'x'.repeat(1_048_576) });
    expect(parseJwt(`${part(HEADER)}.${body}.${SIGNATURE}`)).toBeUndefined();
  });

  it('changes nothing but its claims, whatever they are called', () => {
    const body = Buffer.from('{"__proto__":{"admin":true},"constructor":1}').toString('base64url');
    const parsed = parseJwt(`${part(HEADER)}.${body}.${SIGNATURE}`);
    expect(parsed).toBeDefined();
    expect(parsed?.claims['admin']).toBeUndefined();
  });
});
