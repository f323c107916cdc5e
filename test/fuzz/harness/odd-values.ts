import fc from 'fast-check';

import { CREDS, SECRETS } from './secrets.js';

/** Texts that are, or nearly are, what somebody wanted. */
export const texts = fc.oneof(
  fc.constantFrom(...Object.values(SECRETS), CREDS, '', ' ', '\0', 'x'.repeat(1_000_000)),
  fc.string(),
  fc.string({ unit: 'binary' }),
  // A secret with something cut off or put in.
  fc
    .tuple(
      fc.constantFrom(SECRETS.jwt, SECRETS.seed, CREDS),
      fc.nat(100),
      fc.nat(3),
      fc.string({ maxLength: 3 }),
    )
    .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut)),
);

const numbers = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, -0, -1, 2 ** 31, 2 ** 53, Number.MIN_VALUE),
  fc.double(),
  fc.integer(),
);

const fail = (): never => {
  throw new Error(`A trap that throws ${SECRETS.jwt}`);
};

/** An object that has itself within. */
const cyclic = () => {
  const self: Record<string, unknown> = { name: 'cyclic' };
  self['self'] = self;
  return self;
};

/** Objects that defend themselves. */
const spiteful = fc.constantFrom<() => unknown>(
  cyclic,
  () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => ({
    get user() {
      return fail();
    },
  }),
  () => Object.freeze({ __proto__: null, user: 'svc', pass: SECRETS.password }),
  () => ({ toString: fail, valueOf: fail, toJSON: fail }),
  () => Symbol(SECRETS.password),
  () => fail,
  () => class Something {},
  () => new Map([['pass', SECRETS.password]]),
  () => JSON.parse('{"__proto__": {"user": "svc"}, "constructor": {"prototype": 1}}') as unknown,
);

/** Makes all that can stand in an object literal. */
export const data: fc.Arbitrary<() => unknown> = fc
  .oneof(
    texts,
    numbers,
    texts.map((text) => new TextEncoder().encode(text)),
    fc.date({ noInvalidDate: false }),
    fc.anything({
      ...{ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true },
    }),
  )
  .map((value) => () => value);

/** Makes anything at all; by a function, as fast-check itself would stumble over some of it. */
export const anything: fc.Arbitrary<() => unknown> = fc.oneof(
  { weight: 1, arbitrary: spiteful },
  { weight: 5, arbitrary: data },
);
