import { describe, expect, it } from 'vitest';

import { createAccount, createCurve, createServer, createUser } from '../../test/support/nats-reference.js';
import { OptionsInvalidError } from '../base/index.js';
import { accountSeed, seedOf } from './keys/keys.fixture.js';
import type { CalloutOptions } from './options.js';
import type { CalloutServer } from './request/callout-request.js';
import { calloutSettings } from './settings.js';

const issuer = createAccount();
const options: CalloutOptions = { issuer: seedOf(issuer), accounts: ['ORDERS'] };

const target = createAccount();
const orders = { name: 'orders', publicKey: target.getPublicKey(), keys: seedOf(target) };

const settingsOf = (more: object = {}) => calloutSettings({ ...options, ...more });

async function faultOf(more: object): Promise<string> {
  try {
    await settingsOf(more);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsInvalidError);
    return (error as Error).message;
  }
  return 'accepted';
}

describe('the options of a callout', () => {
  it('have defaults', async () => {
    const { issuers, issuerFor: _, accounts, ...rest } = await settingsOf({ timeout: undefined });
    expect(issuers).toHaveLength(1);
    expect([...accounts.byName.keys()]).toEqual(['ORDERS']);
    expect(rest).toEqual({
      maxSession: 3_600_000,
      timeout: 2_000,
      concurrency: 64,
      refusals: 'answer',
      queue: 'nats-auth-callout',
      clockTolerance: 5_000,
      maxRequestSize: 65_536,
      revoked: [],
    });
  });

  it.each<[string, object]>([
    ['callout.issuers', { issuers: 1 }],
    ['callout.issuer', { issuer: undefined }],
    ['callout.issuer', { issuer: '' }],
    ['callout.issuer', { issuer: [] }],
    ['callout.issuer[1]', { issuer: [accountSeed(), createAccount().getPublicKey()] }],
    ['callout.issuer[1]', { issuer: [options.issuer, options.issuer] }],
    ['callout.accounts', { accounts: undefined }],
    ['callout.accounts', { accounts: [] }],
    ['callout.accounts', { accounts: 'ORDERS' }],
    ['callout.accounts[1]', { accounts: ['ORDERS', ''] }],
    ['callout.accounts[0]', { accounts: [undefined] }],
    ['callout.accounts[0]', { accounts: ['OR DERS'] }],
    ['callout.accounts[1]', { accounts: ['ORDERS', 'ORDERS'] }],
    ['callout.accounts[0]', { accounts: ['SYS'] }],
    ['callout.accounts[0]', { accounts: ['$SYS'] }],
    ['callout.accounts[0]', { accounts: [issuer.getPublicKey()] }],
    ['callout.accounts[0]', { accounts: [accountSeed()] }],
    ['callout.xkey', { xkey: undefined }],
    ['callout.xkey', { xkey: '' }],
    ['callout.xkey', { xkey: accountSeed() }],
    ['callout.maxSession', { maxSession: 999 }],
    ['callout.maxSession', { maxSession: Infinity }],
    ['callout.maxSession', { maxSession: NaN }],
    ['callout.maxSession', { maxSession: '1h' }],
    ['callout.timeout', { timeout: 0 }],
    ['callout.concurrency', { concurrency: 0 }],
    ['callout.concurrency', { concurrency: 1.5 }],
    ['callout.queueTimeout', { queueTimeout: 0 }],
    ['callout.refusals', { refusals: 'loud' }],
    ['callout.queue', { queue: 'a b' }],
    ['callout.queue', { queue: '' }],
    ['callout.queue', { queue: 'a.*' }],
    ['callout.queue', { queue: 5 }],
    ['callout.clockTolerance', { clockTolerance: -1 }],
    ['callout.maxRequestSize', { maxRequestSize: 10 }],
    ['callout.maxRequestSize', { maxRequestSize: '64k' }],
    ['callout.servers', { servers: undefined }],
    ['callout.servers', { servers: [] }],
    ['callout.servers', { servers: 'nats-1' }],
    ['callout.servers[0]', { servers: [''] }],
    ['callout.revoked', { revoked: 'ann' }],
    ['callout.revoked', { revoked: undefined }],
    ['callout.revoked[1]', { revoked: ['ann', undefined] }],
  ])('name %s when it makes no sense', async (option, more) => {
    expect(await faultOf(more)).toContain(`Option '${option}'`);
  });

  it('must be there', async () => {
    for (const nothing of [undefined, null, [], 'x'])
      await expect(calloutSettings(nothing as unknown as CalloutOptions)).rejects.toThrow("Option 'callout'");
  });

  it('hint at a variable that is not set', async () => {
    for (const more of [
      { issuer: '' },
      { xkey: undefined },
      { accounts: [''] },
      { servers: undefined },
      { maxSession: NaN },
    ])
      expect(await faultOf(more)).toContain('Is an environment variable not set?');
  });
});

describe('accounts with keys', () => {
  const faultOfAccount = (more: object) => faultOf({ accounts: [{ ...orders, ...more }] });

  it('sign their users', async () => {
    const scope = createAccount();
    const { accounts } = await settingsOf({
      accounts: [{ ...orders, keys: [accountSeed(), seedOf(target)], scopes: { reader: seedOf(scope) } }],
    });
    const found = accounts.byName.get('orders');
    if (found?.mode !== 'operator') throw new Error('it has keys');
    expect(found.signer).toMatchObject({ account: target.getPublicKey(), delegated: true });
    expect(found.scopes.get('reader')).toMatchObject({ publicKey: scope.getPublicKey(), delegated: true });
  });

  it.each<[string, () => object]>([
    ['.name', () => ({ name: undefined })],
    ['.name', () => ({ name: 'SYS' })],
    ['.publicKey', () => ({ publicKey: seedOf(target) })],
    ['.publicKey', () => ({ publicKey: createUser().getPublicKey() })],
    ['.keys', () => ({ keys: [] })],
    ['.keys', () => ({ keys: target.getPublicKey() })],
    ['.keys[1]', () => ({ keys: [accountSeed(), seedOf(createUser())] })],
    ['.keys[1]', () => ({ keys: [seedOf(target), seedOf(target)] })],
    ['.keys.account', () => ({ keys: { seed: accountSeed(), account: createAccount().getPublicKey() } })],
    ['.scopes', () => ({ scopes: accountSeed() })],
    ['.scopes.reader', () => ({ scopes: { reader: createAccount().getPublicKey() } })],
    ['.scopes.reader', () => ({ scopes: { reader: seedOf(target) } })],
    [
      '.scopes.b',
      () => {
        const seed = accountSeed();
        return { scopes: { a: seed, b: seed } };
      },
    ],
    [
      '.scopes.a',
      () => {
        const seed = accountSeed();
        return { keys: seed, scopes: { a: seed } };
      },
    ],
    ['.signingKeys', () => ({ signingKeys: [] })],
  ])('name %s when it makes no sense', async (option, more) => {
    expect(await faultOfAccount(more())).toContain(`Option 'callout.accounts[0]${option}'`);
  });

  it('are not given twice, nor beside mere names', async () => {
    expect(await faultOf({ accounts: [orders, { ...orders, name: 'shop' }] })).toContain(
      'callout.accounts[1].publicKey',
    );
    expect(await faultOf({ accounts: [orders, 'SHOP'] })).toContain('one or the other');
  });
});

describe("the callout's own account", () => {
  it('is refused where its key tells', async () => {
    expect(await faultOf({ issuer: seedOf(target), accounts: [orders] })).toContain(
      'the account of the callout itself',
    );
    const signingKey = { seed: accountSeed(), account: target.getPublicKey() };
    expect(await faultOf({ issuer: signingKey, accounts: [orders] })).toContain(
      'the account of the callout itself',
    );
  });

  it('is refused by its name where servers place users by names', async () => {
    expect(await faultOf({ accounts: ['ORDERS', 'AUTH'] })).toContain(
      "Option 'callout.accounts[1]': 'AUTH' is the account of the callout itself",
    );
    const account = 'CALLOUT';
    expect(await faultOf({ accounts: [account], account })).toContain('the account of the callout itself');
    const { accounts } = await settingsOf({ accounts: ['AUTH'], account });
    expect([...accounts.byName.keys()]).toEqual(['AUTH']);
  });
});

describe('who signs an answer', () => {
  it('is the issuer which the server asks for', async () => {
    const [older, newer] = [createAccount(), createAccount()];
    const { issuerFor } = await settingsOf({ issuer: [seedOf(newer), seedOf(older)] });
    expect(issuerFor(older.getPublicKey())?.publicKey).toBe(older.getPublicKey());
    expect(issuerFor(newer.getPublicKey())?.publicKey).toBe(newer.getPublicKey());
    expect(issuerFor(createAccount().getPublicKey())).toBeUndefined();
    expect(issuerFor('')).toBeUndefined();
  });

  it('is the first signing key of the account which the server asks for', async () => {
    const account = createAccount().getPublicKey();
    const [first, second] = [createAccount(), createAccount()];
    const keys = [first, second].map((key) => ({ seed: seedOf(key), account }));
    const { issuerFor } = await settingsOf({ issuer: keys, accounts: [orders] });
    expect(issuerFor(account)).toMatchObject({ publicKey: first.getPublicKey(), delegated: true });
  });

  it('has no account of its own in config mode, where a server would refuse it', async () => {
    const signingKey = { seed: accountSeed(), account: createAccount().getPublicKey() };
    expect(await faultOf({ issuer: signingKey })).toContain('config mode');
  });
});

it('servers that may ask are known by id or name, and none by a name that is the id of another', async () => {
  const [known, other] = [createServer().getPublicKey(), createServer().getPublicKey()];
  const { servers = () => false } = await settingsOf({ servers: [known, 'n1'] });
  const may = (id: string, name: string) => servers({ id, name, host: '', tags: [] });
  expect(may(known, known)).toBe(true);
  expect(may(other, 'n1')).toBe(true);
  expect(may(other, known)).toBe(false);
  expect(may(other, 'n2')).toBe(false);
});

it('servers that may ask are those that a function accepts, or all', async () => {
  const server: CalloutServer = { id: 'NAAA', name: 'nats-1', host: '127.0.0.1', tags: [] };
  expect((await settingsOf()).servers).toBeUndefined();
  const chosen = await settingsOf({ servers: ({ name }: CalloutServer) => name === 'nats-1' });
  expect(chosen.servers?.(server)).toBe(true);
});

it('opens what is sealed to the curve keys of the options', async () => {
  const keys = [createCurve(), createCurve()];
  const { curves } = await settingsOf({ xkey: keys.map(seedOf) });
  expect(curves?.publicKeys).toEqual(keys.map((key) => key.getPublicKey()));
});

it('prints no seed in any error', async () => {
  const seeds = [createUser(), createCurve(), createAccount()].map(seedOf);
  for (const seed of seeds) {
    const wrong = [
      { issuer: [seed, seed] },
      { accounts: [seed] },
      { accounts: [{ ...orders, publicKey: seed }] },
      { accounts: [{ ...orders, name: seed, keys: seed }] },
      { accounts: [{ ...orders, scopes: seed }] },
      { accounts: [{ ...orders, [seed]: 1 }] },
      { accounts: seed },
      { xkey: [seed, seed] },
      { queue: `${seed} ` },
      { servers: seed },
      { revoked: seed },
      { refusals: seed },
    ];
    for (const more of wrong) expect(await faultOf(more)).not.toContain(seed.slice(0, 12));
  }
});
