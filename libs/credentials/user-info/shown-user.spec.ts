import { describe, expect, it } from 'vitest';

import { jwtOf, SEED } from '../../base/secrets.fixture.js';
import { shownUser } from './shown-user.js';
import { credsOf, NKEY } from './user-info.fixture.js';

const userJwt = jwtOf({ sub: NKEY, name: 'orders' });

describe('the user that is shown', () => {
  it.each([
    ['orders'],
    ['svc-orders@example.com'],
    ['CN=orders,OU=shop,O=Example'],
    ['v-token-orders-role-x7JzQ2mB9fKpL4tRw8Vs-1764201600'],
    ['6f0d2f0e-6c7b-4f0e-9c1c-0d6a3c1f7f55'],
    [NKEY],
  ])('is the name %s', (user) => {
    expect(shownUser({ user, pass: 'secret' })).toBe(user);
  });

  it('is the public key where there is no name', () => {
    expect(shownUser({ nkey: NKEY, seed: SEED })).toBe(NKEY);
    expect(shownUser({ jwt: userJwt, seed: SEED })).toBe(NKEY);
    expect(shownUser({ creds: credsOf(userJwt) })).toBe(NKEY);
    expect(shownUser({ creds: credsOf(userJwt), user: 'orders', pass: 'secret' })).toBe('orders');
  });

  it.each([
    ['a token alone', { token: 'secret' }],
    ['a JWT as user', { user: jwtOf({ sub: 'orders' }) }],
    ['a JWT whose subject is no key', { jwt: jwtOf({ sub: 'secret' }), seed: SEED }],
    ['a seed as user', { user: SEED }],
    ['a seed as NKey', { nkey: SEED }],
    ['an API key as user', { user: 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3' }],
    ['a token of a known issuer', { user: 'ghp_16C7e42F292c6912E7710c' }],
    ['a user that is the password as well', { user: 'twice', pass: 'twice' }],
    ['a user that is the token as well', { user: 'twice', token: 'twice' }],
    ['credentials in a URL', { user: 'nats://orders:hunter2@nats' }],
    ['a name with a line break', { user: 'orders\nnats/server: all is well' }],
    ['a name that fills a page', { user: 'orders '.repeat(50) }],
    ['an empty name', { user: '' }],
  ])('is none of %s', (_, userInfo) => {
    expect(shownUser(userInfo)).toBeUndefined();
  });
});
