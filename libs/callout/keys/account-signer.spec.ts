import { sign } from 'node:crypto';

import { createAccount, fromPublic } from '../../../test/support/nats-reference.js';
import { describe, expect, it } from 'vitest';

import { OptionsInvalidError, SigningFailedError } from '../../base/index.js';
import type { CalloutSigningKey } from '../options.js';
import { accountSigner } from './account-signer.js';
import { accountSeed, keysOfOtherKinds, seedOf, someEcKey } from './keys.fixture.js';

const data = new TextEncoder().encode('to be signed');

function faultOf(key: unknown): string {
  try {
    accountSigner('callout.issuer', key as CalloutSigningKey);
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsInvalidError);
    return (error as Error).message;
  }
  return 'accepted';
}

describe('a signer of an account', () => {
  it('signs as the NKey library does, from a seed', async () => {
    const key = createAccount();
    for (const given of [seedOf(key), `${seedOf(key)}\n`, { seed: seedOf(key) }]) {
      const signer = accountSigner('callout.issuer', given);
      expect(signer).toMatchObject({
        publicKey: key.getPublicKey(),
        account: key.getPublicKey(),
        delegated: false,
      });
      expect(Buffer.from(await signer.sign(data))).toEqual(Buffer.from(key.sign(data)));
    }
  });

  it('tells a signing key from the key of the account itself', () => {
    const account = createAccount().getPublicKey();
    const seed = accountSeed();
    expect(accountSigner('o', { seed, account })).toMatchObject({ account, delegated: true });
    expect(accountSigner('o', seed, account)).toMatchObject({ account, delegated: true });
    const key = createAccount();
    expect(accountSigner('o', seedOf(key), key.getPublicKey()).delegated).toBe(false);
  });

  it('signs with a key service, at once or later', async () => {
    const key = createAccount();
    const publicKey = key.getPublicKey();
    for (const service of [
      (bytes: Uint8Array) => key.sign(bytes),
      (bytes: Uint8Array) => Promise.resolve(key.sign(bytes)),
    ]) {
      const signature = await accountSigner('o', { publicKey, sign: service }).sign(data);
      expect(fromPublic(publicKey).verify(data, signature)).toBe(true);
    }
  });
});

describe('a key service', () => {
  const publicKey = createAccount().getPublicKey();
  const failure = (service: (bytes: Uint8Array) => unknown) =>
    Promise.resolve(
      accountSigner('callout.issuer', { publicKey, sign: service as () => Uint8Array }).sign(data),
    ).then(
      () => 'signed',
      (error: unknown) => {
        expect(error).toBeInstanceOf(SigningFailedError);
        return (error as Error).message;
      },
    );

  it.each<[string, (bytes: Uint8Array) => unknown, string]>([
    ['signs with another key', (bytes) => createAccount().sign(bytes), 'another key'],
    [
      'signs with another algorithm',
      (bytes) => sign('sha256', bytes, someEcKey()).subarray(0, 64),
      'another key',
    ],
    ['gives a text', () => Buffer.alloc(64).toString('base64'), '64 bytes'],
    ['gives a signature of another form', (bytes) => sign('sha256', bytes, someEcKey()), '64 bytes'],
    ['gives nothing', () => undefined, 'undefined'],
    [
      'throws',
      () => {
        throw new Error('KMS is away');
      },
      'KMS is away',
    ],
    ['rejects', () => Promise.reject(new Error('KMS is away')), 'KMS is away'],
  ])('that %s is told so, and its option', async (_, service, words) => {
    const message = await failure(service);
    expect(message).toContain("The signer of 'callout.issuer' failed");
    expect(message).toContain(words);
  });
});

describe('what is no key of an account', () => {
  it('is refused at start, with what it is', () => {
    for (const key of keysOfOtherKinds()) {
      expect(faultOf(seedOf(key))).toMatch(
        /expected the seed of an account \(SA…\), got the seed of an? \w+/,
      );
      expect(faultOf(key.getPublicKey())).toMatch(/got the public key of an? \w+/);
    }
    expect(faultOf(createAccount().getPublicKey())).toContain('got the public key of an account');
    expect(faultOf({ seed: createAccount().getPublicKey() })).toContain("'callout.issuer.seed'");
  });

  it('is told from a seed with a typing error, and from a variable that is not set', () => {
    const seed = accountSeed();
    expect(faultOf(`${seed.slice(0, 20)}${seed[20] === 'A' ? 'B' : 'A'}${seed.slice(21)}`)).toContain(
      'its checksum is wrong',
    );
    expect(faultOf(seed.slice(0, -1))).toContain('its checksum is wrong');
    for (const unset of ['', undefined]) expect(faultOf(unset)).toContain('environment variable');
  });

  it.each<[unknown, string]>([
    [null, 'null'],
    [42, 'a number'],
    [{}, 'callout.issuer.seed'],
    [{ seeds: 'x' }, 'callout.issuer.seeds'],
    [{ sign: () => new Uint8Array() }, 'callout.issuer.publicKey'],
    [{ publicKey: createAccount().getPublicKey(), sign: 'kms' }, 'callout.issuer.sign'],
    [{ publicKey: createAccount().getPublicKey() }, 'callout.issuer.sign'],
    [{ seed: accountSeed(), account: accountSeed() }, 'callout.issuer.account'],
    [{ seed: accountSeed(), account: undefined }, 'callout.issuer.account'],
  ])('is refused with the option that is wrong', (key, words) => {
    expect(faultOf(key)).toContain(words);
  });

  it('is not quoted, whatever it is', () => {
    const seeds = [...keysOfOtherKinds().map(seedOf), accountSeed().slice(0, -3), 'hunter2hunter2'];
    for (const seed of seeds) {
      for (const key of [
        seed,
        { seed },
        { publicKey: seed, sign: () => new Uint8Array(64) },
        { seed: accountSeed(), account: seed },
      ])
        expect(faultOf(key)).not.toContain(seed.slice(0, 20));
    }
  });
});
