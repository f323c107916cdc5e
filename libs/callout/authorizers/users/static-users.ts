import { describeValue, knownKeys, OptionsInvalidError } from '../../../base/index.js';
import type { Admission } from '../../admission.js';
import { isPublicNkey } from '../../keys/verify-signature.js';
import { type PasswordHash, passwordHash } from './password-hash.js';

/**
 * A user that is known beforehand, and what it is admitted to.
 * @public
 */
export type StaticUser = StaticUserIdentity & Omit<Admission, 'name'> & { readonly name?: string };

/**
 * By what a user is known: a name and a password, or an NKey that it proves to have.
 * @public
 */
export type StaticUserIdentity =
  | {
      readonly user: string;
      /** Of its password, as `hashPassword()` or argon2 makes it; several while the password changes. */
      readonly hash: string | readonly string[];
    }
  | {
      /** Public key (`U…`). */
      readonly nkey: string;
    };

/** Users that were checked, by what they present. */
export interface UserTable {
  readonly byName: ReadonlyMap<string, PasswordUser>;
  readonly byNkey: ReadonlyMap<string, Admission>;
}

export interface PasswordUser {
  readonly hashes: readonly PasswordHash[];
  readonly admission: Admission;
}

const ADMISSION = [
  'name',
  'account',
  'expiresAt',
  'permissions',
  'scope',
  'tags',
  'allowedSources',
  'connectionTypes',
];

/** @throws {@link OptionsInvalidError} naming the user by its place in the list. */
export function userTable(option: string, users: unknown): UserTable {
  if (!Array.isArray(users) || users.length === 0)
    throw new OptionsInvalidError(
      option,
      `expected a list of one user or more, got ${describeValue(users)}.`,
    );
  const byName = new Map<string, PasswordUser>();
  const byNkey = new Map<string, Admission>();
  users.forEach((user: unknown, i) => {
    const at = `${option}[${i}]`;
    knownKeys(at, user, ['user', 'hash', 'nkey', ...ADMISSION]);
    const { user: name, hash, nkey, ...rest } = user as Record<string, unknown>;
    if (nkey !== undefined)
      add(byNkey, `${at}.nkey`, checkedNkey(at, nkey, name, hash), admissionOf(at, rest, nkey));
    else
      add(byName, `${at}.user`, text(`${at}.user`, name), {
        hashes: hashesOf(`${at}.hash`, hash),
        admission: admissionOf(at, rest, name),
      });
  });
  return { byName, byNkey };
}

function add<T>(table: Map<string, T>, option: string, key: string, value: T): void {
  if (table.has(key)) throw new OptionsInvalidError(option, 'is there twice.');
  table.set(key, value);
}

function checkedNkey(at: string, nkey: unknown, name: unknown, hash: unknown): string {
  if (name !== undefined || hash !== undefined)
    throw new OptionsInvalidError(`${at}.nkey`, `expected either 'nkey', or 'user' and 'hash'.`);
  if (typeof nkey === 'string' && isPublicNkey(nkey, 'user')) return nkey;
  throw new OptionsInvalidError(
    `${at}.nkey`,
    `expected a public key 'U…' of a user, got ${describeValue(nkey, 'type')}.`,
  );
}

function hashesOf(option: string, hash: unknown): PasswordHash[] {
  const hashes = [hash].flat();
  if (hashes.length === 0) throw new OptionsInvalidError(option, 'expected a hash, got an empty list.');
  return hashes.map((one) => passwordHash(option, one));
}

function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new OptionsInvalidError(
    option,
    `expected a text that is not empty, got ${describeValue(value, 'type')}.`,
  );
}

/** The rest is checked where it is used, as that of every authorizer. In a file, a moment is a text. */
function admissionOf(at: string, rest: Record<string, unknown>, identity: unknown): Admission {
  const { name = identity, expiresAt } = rest;
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : expiresAt;
  if (Number.isNaN(end))
    throw new OptionsInvalidError(`${at}.expiresAt`, `expected a moment such as '2030-01-31T12:00:00Z'.`);
  return {
    ...rest,
    name: text(`${at}.name`, name),
    ...(end !== undefined && { expiresAt: end }),
  } as Admission;
}
