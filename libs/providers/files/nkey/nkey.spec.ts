import { describe, expect, it } from 'vitest';

import { createNkeyUser } from '../../../../test/support/nkey-mode.js';
import { publicUserNkey } from './nkey.js';

describe('the public NKey of a seed', () => {
  it('is the one that the NKey library gives', () => {
    for (let i = 0; i < 50; i++) {
      const { seed, publicKey } = createNkeyUser();
      expect(publicUserNkey(seed)).toBe(publicKey);
    }
  });

  it('is none when a character of the seed is wrong or missing', () => {
    const { seed } = createNkeyUser();
    const other = seed[30] === 'A' ? 'B' : 'A';
    for (const damaged of [`${seed.slice(0, 30)}${other}${seed.slice(31)}`, seed.slice(0, -3), '']) {
      expect(publicUserNkey(damaged)).toBeUndefined();
    }
  });
});
