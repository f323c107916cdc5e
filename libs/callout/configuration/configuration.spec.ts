import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { publicNkey } from '../../base/index.js';
import { accountSeed } from '../keys/keys.fixture.js';
import { calloutAccountClaims, calloutServerConfig, type CalloutServerConfig } from './index.js';

const issuer = publicNkey('account', randomBytes(32));
const nkey = publicNkey('user', randomBytes(32));
const xkey = publicNkey('curve', randomBytes(32));
const CONFIG: CalloutServerConfig = { issuer, users: [{ nkey }], accounts: ['APP'] };

describe('the configuration of a server', () => {
  it('names the callout, its users and its key, and never a user for clients that present nothing', () => {
    const text = calloutServerConfig({ ...CONFIG, xkey, timeout: 500 });
    for (const line of [`issuer: ${issuer}`, `auth_users: [ ${nkey} ]`, `xkey: ${xkey}`, 'timeout: 0.5'])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('no_auth_user');
  });

  it('lets users of the system account pass by the callout only where they are named', () => {
    expect(calloutServerConfig(CONFIG)).toContain('"SYS" { users: [  ] }');
    const text = calloutServerConfig({ ...CONFIG, systemUsers: [{ user: 'admin', password: '$2a$11$x' }] });
    expect(text).toContain(`auth_users: [ ${nkey}, "admin" ]`);
    expect(text).toContain('"SYS" { users: [ { user: "admin", password: "$2a$11$x" } ] }');
  });

  const seed = accountSeed();
  it.each<[string, Partial<Record<keyof CalloutServerConfig, unknown>>]>([
    ['issuer', { issuer: seed }],
    ['issuer', { issuer: nkey }],
    ['issuer', { issuer: undefined }],
    ['users', { users: [] }],
    ['users[0].nkey', { users: [{ nkey: issuer }] }],
    ['users[0].password', { users: [{ user: 'callout', password: '' }] }],
    ['users[0].user', { users: [{ nkey, user: 'callout' }] }],
    ['users[0]', { users: ['callout'] }],
    ['accounts', { accounts: 'APP' }],
    ['accounts[1]', { accounts: ['APP', 'APP'] }],
    ['accounts[0]', { accounts: ['AUTH'] }],
    ['accounts[1]', { accounts: ['APP', 'SYS'] }],
    ['accounts[0].name', { accounts: [{ name: 'A\nno_auth_user: x', config: '' }] }],
    ['account', { account: 'SYS' }],
    ['xkey', { xkey: seed }],
    ['timeout', { timeout: 0 }],
    ['config.noAuthUser', { noAuthUser: 'guest' } as object],
  ])('is refused with the name of what is wrong: %s', (option, wrong) => {
    const make = () => calloutServerConfig({ ...CONFIG, ...wrong } as CalloutServerConfig);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID', option }) as Error);
    expect(make).not.toThrow(seed);
  });
});

describe('the claims of an account', () => {
  it('are those that encodeAccount() takes', () => {
    expect(calloutAccountClaims({ users: [nkey], accounts: [issuer], xkey })).toEqual({
      auth_users: [nkey],
      allowed_accounts: [issuer],
      xkey,
    });
  });

  it.each([
    ['accounts[0]', { users: [nkey], accounts: ['*'] }],
    ['accounts', { users: [nkey], accounts: [] }],
    ['users[0]', { users: [issuer], accounts: [issuer] }],
    ['xkey', { users: [nkey], accounts: [issuer], xkey: nkey }],
  ])('are refused with the name of what is wrong: %s', (option, config) => {
    expect(() => calloutAccountClaims(config)).toThrow(expect.objectContaining({ option }) as Error);
  });
});
