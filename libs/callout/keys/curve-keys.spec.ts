import { createAccount, createCurve } from '../../../test/support/nats-reference.js';
import { describe, expect, it } from 'vitest';

import { OptionsInvalidError, publicNkey } from '../../base/index.js';
import { curveKeys } from './curve-keys.js';
import { keysOfOtherKinds, seedOf } from './keys.fixture.js';

const text = (data: Uint8Array | undefined) => data && Buffer.from(data).toString();
const bytes = (data: string) => new TextEncoder().encode(data);

describe('requests sealed to a curve key', () => {
  it('are opened, and answers sealed, as the NKey library does', async () => {
    const ours = createCurve();
    const server = createCurve();
    const keys = await curveKeys('callout.xkey', seedOf(ours));
    expect(keys.publicKeys).toEqual([ours.getPublicKey()]);
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 1_000, 65_536]) {
      const request = 'r'.repeat(length);
      const opened = keys.open(server.seal(bytes(request), ours.getPublicKey()), server.getPublicKey());
      expect(text(opened?.data)).toBe(request);
      const answer = opened?.seal(bytes('a'.repeat(length)));
      expect(answer && text(server.open(answer, ours.getPublicKey()) ?? undefined)).toBe('a'.repeat(length));
    }
  });

  it('are opened wherever they lie in the memory', async () => {
    const ours = createCurve();
    const server = createCurve();
    const keys = await curveKeys('callout.xkey', seedOf(ours));
    const sealed = server.seal(bytes('request'), ours.getPublicKey());
    for (let offset = 0; offset < 9; offset++) {
      const buffer = new Uint8Array(sealed.length + offset);
      buffer.set(sealed, offset);
      expect(text(keys.open(buffer.subarray(offset), server.getPublicKey())?.data)).toBe('request');
    }
  });

  it('are opened with the old key and the new one, and answered with the one of the request', async () => {
    const [newer, older, server] = [createCurve(), createCurve(), createCurve()];
    const keys = await curveKeys('callout.xkey', [seedOf(newer), seedOf(older)]);
    expect(keys.publicKeys).toEqual([newer.getPublicKey(), older.getPublicKey()]);
    for (const key of [newer, older]) {
      const opened = keys.open(server.seal(bytes('request'), key.getPublicKey()), server.getPublicKey());
      expect(opened?.publicKey).toBe(key.getPublicKey());
      expect(opened && text(server.open(opened.seal(bytes('yes')), key.getPublicKey()) ?? undefined)).toBe(
        'yes',
      );
    }
  });

  it('have a nonce of their own for each answer', async () => {
    const ours = createCurve();
    const server = createCurve();
    const keys = await curveKeys('callout.xkey', seedOf(ours));
    const opened = keys.open(server.seal(bytes('request'), ours.getPublicKey()), server.getPublicKey());
    const seal = () => opened && Buffer.from(opened.seal(bytes('yes'))).toString('hex');
    expect(new Set([seal(), seal(), seal()]).size).toBe(3);
  });

  it('are not opened when they are damaged, of somebody else, or for somebody else', async () => {
    const [ours, other, server] = [createCurve(), createCurve(), createCurve()];
    const keys = await curveKeys('callout.xkey', seedOf(ours));
    const sealed = server.seal(bytes('request'), ours.getPublicKey());
    const from = server.getPublicKey();
    expect(keys.open(sealed, from)).toBeDefined();
    for (let index = 0; index < sealed.length; index++) {
      const damaged = sealed.slice();
      damaged[index] = (damaged[index] ?? 0) ^ 1;
      expect(keys.open(damaged, from)).toBeUndefined();
      expect(keys.open(sealed.slice(0, index), from)).toBeUndefined();
    }
    expect(keys.open(sealed, other.getPublicKey())).toBeUndefined();
    expect(keys.open(server.seal(bytes('request'), other.getPublicKey()), from)).toBeUndefined();
    for (const sender of [
      '',
      'X',
      createAccount().getPublicKey(),
      seedOf(server),
      publicNkey('curve', new Uint8Array(32)),
    ])
      expect(keys.open(sealed, sender)).toBeUndefined();
  });
});

describe('the seed of a curve key', () => {
  const fault = (seeds: unknown) =>
    curveKeys('callout.xkey', seeds as string).then(
      () => 'accepted',
      (error: unknown) => {
        expect(error).toBeInstanceOf(OptionsInvalidError);
        return (error as Error).message;
      },
    );

  it('is refused at start when it is something else, with what it is', async () => {
    const others = [createAccount(), ...keysOfOtherKinds()].filter((key) => !seedOf(key).startsWith('SX'));
    for (const key of others) {
      expect(await fault(seedOf(key))).toMatch(
        /'callout.xkey': expected the seed of a curve key \(SX…\), got the seed of an? \w+/,
      );
      expect(await fault(key.getPublicKey())).toContain('got the public key of a');
    }
    expect(await fault(createCurve().getPublicKey())).toContain('got the public key of a curve key');
    expect(await fault([seedOf(createCurve()), 'x'])).toContain("'callout.xkey[1]'");
  });

  it('is refused when it is not set, or is there twice', async () => {
    const seed = seedOf(createCurve());
    for (const unset of ['', [''], [undefined], []])
      expect(await fault(unset)).toContain('environment variable');
    expect(await fault([seed, seed])).toContain("'callout.xkey[1]': is there twice");
    expect(await fault(5)).toContain('a number');
  });
});
