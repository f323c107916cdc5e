import { RequestInvalidError } from './request-error.js';

/** A part of the claims. What stands in it is whatever somebody has signed. */
export type Claims = Readonly<Record<string, unknown>>;

/** So many certificates are in any chain that a server would verify, and in all of them. */
const MOST_CERTIFICATES = 64;

/** An object that must be there. */
export function objectIn(claims: Claims, name: string): Claims {
  return optionalObjectIn(claims, name) ?? fail(name, 'is missing');
}

export function optionalObjectIn(claims: Claims, name: string): Claims | undefined {
  const value = valueIn(claims, name);
  if (value === undefined) return undefined;
  return isObject(value) ? value : fail(name, 'is no object');
}

/** A text; `undefined` for an empty one, as servers leave those out. */
export function textIn(claims: Claims, name: string): string | undefined {
  const value = valueIn(claims, name);
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : fail(name, 'is no text');
}

export function numberIn(claims: Claims, name: string): number | undefined {
  const value = valueIn(claims, name);
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(name, 'is no number');
}

export function textsIn(claims: Claims, name: string): readonly string[] {
  const value = valueIn(claims, name);
  return value === undefined ? [] : textsOf(value, name);
}

/** Lists of certificates. */
export function chainsIn(claims: Claims, name: string): readonly (readonly string[])[] {
  const value = valueIn(claims, name);
  if (value === undefined) return [];
  const chains = Array.isArray(value) ? value : fail(name, 'is no list');
  return bounded(
    chains.map((chain: unknown) => textsOf(chain, name)),
    name,
  );
}

export function certificatesIn(claims: Claims, name: string): readonly string[] {
  const certificates = textsIn(claims, name);
  bounded([certificates], name);
  return certificates;
}

function bounded<T extends readonly (readonly string[])[]>(chains: T, name: string): T {
  if (chains.flat().length > MOST_CERTIFICATES) fail(name, `has more certificates than ${MOST_CERTIFICATES}`);
  return chains;
}

function textsOf(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    return fail(name, 'is no list of texts');
  return value;
}

/** Its own only: a claim may have the name of something that each object inherits. */
function valueIn(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(name: string, problem: string): never {
  throw new RequestInvalidError(
    'malformed',
    `The request is none of a nats-server: its claim '${name}' ${problem}.`,
  );
}
