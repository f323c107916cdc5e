import { describe, expect, it } from 'vitest';

import { duration, noneUndefined, undefinedKey } from './option-checks.js';

describe('a key that is there and holds `undefined`', () => {
  it('is found in an object, as in one without a prototype', () => {
    expect(undefinedKey({ a: 1, b: undefined }, ['a', 'b'])).toBe('b');
    expect(undefinedKey(Object.assign(Object.create(null) as object, { b: undefined }), ['b'])).toBe('b');
    expect(undefinedKey({ a: 1 }, ['a', 'b'])).toBeUndefined();
  });

  it('is not meant where it is a declared field of a class', () => {
    class Declared {
      b?: string = undefined;
    }
    expect(undefinedKey(new Declared(), ['b'])).toBeUndefined();
  });

  it('is not looked for in a getter, which may give something else the next time', () => {
    const value = {
      get b(): string | undefined {
        throw new Error('It was read.');
      },
    };
    expect(undefinedKey(value, ['b'])).toBeUndefined();
  });

  it('is refused with what it means to leave it out', () => {
    expect(() =>
      noneUndefined('connection', { servers: undefined }, ['servers'], 'for this machine'),
    ).toThrow(
      "Option 'connection.servers': is undefined. Is an environment variable not set? Leave it out for this machine.",
    );
  });
});

it('a number of a variable that is not set has a hint', () => {
  expect(() => duration('refresh.timeout', Number(undefined), 1)).toThrow(
    /got NaN\. Is an environment variable not set\?/,
  );
});
