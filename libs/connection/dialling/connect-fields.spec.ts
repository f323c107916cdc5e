import { createUser, fromPublic } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';

import type { UserInfo } from '../../credentials/index.js';
import { prepareConnectFields } from './connect-fields.js';
import { loadDriver } from '../drivers/load-driver.js';

const driver = await loadDriver('@nats-io/transport-node');
const user = createUser();
const seed = new TextDecoder().decode(user.getSeed());
const nkey = user.getPublicKey();
const creds = `-----BEGIN NATS USER JWT-----\nuser.own.jwt\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;

const answer = async (userInfo: UserInfo, sentinel = {}, nonce: string | undefined = 'nonce') =>
  JSON.parse(JSON.stringify(await prepareConnectFields(userInfo, sentinel, driver)(() => nonce))) as Record<
    string,
    string
  >;

describe('CONNECT', () => {
  it('has the fields of the protocol', async () => {
    expect(await answer({ user: 'u', pass: 'p' })).toEqual({ user: 'u', pass: 'p' });
    expect(await answer({ token: 't' })).toEqual({ auth_token: 't' });
    expect(await answer({ jwt: 'bearer.jwt.only' })).toEqual({ jwt: 'bearer.jwt.only' });
  });

  it.each<[string, UserInfo]>([
    ['a seed', { seed }],
    ['a JWT and a seed', { jwt: 'a.b.c', seed }],
    ['creds', { creds }],
    ['a signer', { nkey, sign: (nonce) => user.sign(nonce) }],
    ['an asynchronous signer', { nkey, sign: async (nonce) => Promise.resolve(user.sign(nonce)) }],
  ])('has a signature of the nonce that the server can verify, from %s', async (_name, userInfo) => {
    const { sig, nkey: presented } = await answer(userInfo);
    expect(presented).toBe(nkey);
    expect(
      fromPublic(nkey).verify(new TextEncoder().encode('nonce'), Buffer.from(sig ?? '', 'base64url')),
    ).toBe(true);
  });

  const jwtOf = (sub: string) => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.sig`;
  const sign = (nonce: Uint8Array) => user.sign(nonce);

  it.each<[string, UserInfo]>([
    ['a seed', { jwt: jwtOf(nkey), seed }],
    ['a signer', { jwt: jwtOf(nkey), nkey, sign }],
    ['creds', { creds: creds.replace('user.own.jwt', jwtOf(nkey)) }],
  ])('has no key beside a JWT that names it, from %s', async (_, userInfo) => {
    const fields = await answer(userInfo);
    expect(Object.keys(fields)).toEqual(['jwt', 'sig']);
  });

  it('has the key of a JWT for a server that sends no nonce, and so reads no JWT', async () => {
    const answered = await prepareConnectFields({ jwt: jwtOf(nkey), seed }, {}, driver)(() => undefined);
    expect(answered).toMatchObject({ nkey });
  });

  it("has the key of a client that shows a JWT of somebody else's", async () => {
    expect(await answer({ seed }, { jwt: jwtOf('sentinel') })).toMatchObject({
      nkey,
      jwt: jwtOf('sentinel'),
    });
  });

  it('has no signature when the server sent no nonce', async () => {
    const withoutNonce = await prepareConnectFields({ seed }, {}, driver)(() => undefined);
    expect(withoutNonce.sig).toBeUndefined();
  });

  it('has the sentinel of the options unless the user info brings a JWT of its own', async () => {
    expect((await answer({ token: 't' }, { jwt: 'sentinel.jwt.x' })).jwt).toBe('sentinel.jwt.x');
    expect((await answer({ token: 't', jwt: 'own.jwt.x' }, { jwt: 'sentinel.jwt.x' })).jwt).toBe('own.jwt.x');
    expect(await answer({ token: 't', creds }, { jwt: 'sentinel.jwt.x' })).toMatchObject({
      jwt: 'user.own.jwt',
      auth_token: 't',
    });
  });

  it.each<[string, UserInfo]>([
    ['a string', { nkey, sign: (() => 'signature') as never }],
    ['too few bytes', { nkey, sign: () => new Uint8Array(3) }],
  ])('is not sent when the signer returns %s', async (_name, userInfo) => {
    await expect(answer(userInfo)).rejects.toThrow(/'sign': expected the raw Ed25519 signature/);
  });
});
