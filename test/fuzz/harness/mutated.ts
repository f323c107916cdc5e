import fc from 'fast-check';

import { data } from './odd-values.js';
import { withoutPlainSecrets } from './secrets.js';

/** Something put in at a path of an object: names of its own, or of anybody's. */
interface Mutation {
  readonly path: readonly string[];
  readonly value: () => unknown;
}

/** Makes a copy of something with odd things in it, at these paths. */
export interface Mutated<T> {
  readonly make: () => T;
  readonly paths: readonly string[];
}

/** Copies of what `make` gives, with up to three things in them that are odd. */
export function mutated<T extends object>(make: () => T, paths: readonly string[]): fc.Arbitrary<Mutated<T>> {
  const path = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...paths).map((names) => names.split('.')) },
    { weight: 1, arbitrary: fc.array(fc.string(), { minLength: 1, maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ['__proto__'],
        ['constructor', 'prototype'],
        ['toString'],
        ['refresh', '__proto__'],
      ),
    },
  );
  const mutation: fc.Arbitrary<Mutation> = fc.record({ path, value: data });
  return fc.array(mutation, { minLength: 1, maxLength: 3 }).map((mutations) => ({
    make: () => mutations.reduce<T>((copy, { path, value }) => put(copy, path, value), make()),
    paths: mutations.map(({ path }) => path.join('.')),
  }));
}

/** What stands in the way of a path stays: there is nothing to put into a number. */
function put<T extends object>(target: T, [name = '', ...rest]: readonly string[], value: () => unknown): T {
  const there = Object.hasOwn(target, name) ? (target as Record<string, unknown>)[name] : undefined;
  const isObject = typeof there === 'object' && there !== null;
  if (rest.length > 0 && there !== undefined && !isObject) return target;
  Object.defineProperty(target, name, {
    value: rest.length === 0 ? valueFor(name, value()) : put(isObject ? there : {}, rest, value),
    ...{ enumerable: true, configurable: true, writable: true },
  });
  return target;
}

/** Where secrets are expected, if only to be refused. */
const OF_SECRETS = ['servers', 'user', 'pass', 'token', 'creds', 'jwt', 'authenticator'];

function valueFor(option: string, value: unknown): unknown {
  // Others may need that port, and the name would be looked up.
  if (option === 'port' && typeof value === 'number' && value > 0) return -value;
  if (option === 'host' && typeof value === 'string') return [value];
  return OF_SECRETS.includes(option) ? value : withoutPlainSecrets(value);
}
