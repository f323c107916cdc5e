import { describeValue, undefinedKey, unsetHint } from '../../base/index.js';
import { UserInfoInvalidError } from '../errors.js';
import { parseCreds } from './creds.js';
import { knownTime } from './expiry.js';
import type { UserInfo } from './user-info.js';

const FIELDS = ['user', 'pass', 'token', 'creds', 'jwt', 'seed', 'nkey', 'sign', 'expiresAt'] as const;
/** What is not known of these is not presented; an expiry may be unknown. */
const PRESENTED = FIELDS.filter((field) => field !== 'expiresAt');
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const USER_SEED = /^SU[A-Z2-7]{56}$/;
const PUBLIC_USER_NKEY = /^U[A-Z2-7]{55}$/;
// As a number of ms this is 1973; as a number of seconds, which `exp` claims use, the year 5138.
const SMALLEST_PLAUSIBLE_MS = 100_000_000_000;

/**
 * Checks what a provider returned, and gives a copy of it.
 * @throws {@link UserInfoInvalidError} naming the field, what it got (never its value) and what is accepted.
 */
export function validateUserInfo(value: unknown): UserInfo {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new UserInfoInvalidError(
      '*',
      `a provider returns an object such as { user, pass } or { token }, got ${describeValue(value, 'type')}`,
    );
  }
  for (const field of Object.keys(value)) {
    if (!(FIELDS as readonly string[]).includes(field)) {
      throw new UserInfoInvalidError(field, `unknown; accepted are ${FIELDS.join(', ')}`);
    }
  }
  const missing = undefinedKey(value, PRESENTED);
  if (missing !== undefined)
    throw new UserInfoInvalidError(
      missing,
      `is undefined.${unsetHint(undefined)} A field that is not presented is left out`,
    );
  const userInfo = fieldsOf(value);
  checkFields(userInfo);
  checkCombination(userInfo);
  return userInfo;
}

/** Each field is read once: what was checked is what is presented, also when it comes from a getter of a class. */
function fieldsOf(value: UserInfo): UserInfo {
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const given: unknown = value[field];
    const known = field === 'expiresAt' ? knownTime(given) : given;
    if (known !== undefined) fields[field] = known;
  }
  return fields;
}

function checkFields(userInfo: UserInfo): void {
  const { creds, jwt, seed, nkey, sign, expiresAt } = userInfo;
  for (const field of ['user', 'pass', 'token'] as const) {
    expect(
      field,
      userInfo[field],
      'a string that is not empty',
      (text) => typeof text === 'string' && text !== '',
    );
  }
  expect('creds', creds, 'the contents of a .creds file (a user JWT block and a seed block)', (text) => {
    const parsed = isText(text) ? parseCreds(text) : undefined;
    return parsed !== undefined && JWT.test(parsed.jwt) && USER_SEED.test(parsed.seed);
  });
  expect(
    'jwt',
    jwt,
    'a user JWT (three base64url parts joined by dots)',
    (text) => typeof text === 'string' && JWT.test(text),
  );
  expect(
    'seed',
    seed,
    'an NKey user seed (58 characters, beginning with SU)',
    (text) => isText(text) && USER_SEED.test(textOf(text)),
  );
  expect(
    'nkey',
    nkey,
    'a public NKey of a user (56 characters, beginning with U)',
    (text) => typeof text === 'string' && PUBLIC_USER_NKEY.test(text),
  );
  expect('sign', sign, 'a function from the nonce to its signature', (fn) => typeof fn === 'function');
  expect('expiresAt', expiresAt, 'a Date or a number of ms since the epoch (seconds × 1000)', (time) => {
    return (time instanceof Date || typeof time === 'number') && Number(time) >= SMALLEST_PLAUSIBLE_MS;
  });
}

function checkCombination({ user, pass, token, creds, jwt, seed, nkey, sign }: UserInfo): void {
  if (pass !== undefined && user === undefined)
    throw new UserInfoInvalidError('pass', `needs 'user' beside it`);
  if (creds !== undefined) {
    const beside = Object.entries({ jwt, seed, nkey, sign }).find(([, value]) => value !== undefined)?.[0];
    if (beside)
      throw new UserInfoInvalidError(
        beside,
        `cannot stand beside 'creds', which holds a JWT and a seed already`,
      );
  }
  if (seed !== undefined && sign !== undefined)
    throw new UserInfoInvalidError('sign', `cannot stand beside 'seed': give one of them`);
  if (sign !== undefined && nkey === undefined && jwt === undefined)
    throw new UserInfoInvalidError('sign', `needs 'nkey' or 'jwt' beside it`);
  if (nkey !== undefined && seed === undefined && sign === undefined)
    throw new UserInfoInvalidError('nkey', `needs 'seed' or 'sign' beside it`);
  if ([user, token, creds, jwt, seed, nkey].every((value) => value === undefined)) {
    throw new UserInfoInvalidError(
      '*',
      `nothing to present; give at least one of user, token, creds, jwt, seed, nkey`,
    );
  }
}

function expect<T>(
  field: string,
  value: T | undefined,
  accepted: string,
  check: (value: T) => boolean,
): void {
  if (value !== undefined && !check(value)) {
    // A moment is no secret; a number in the place of a password is one.
    const got = field === 'expiresAt' ? describeMoment(value) : describeValue(value, 'type');
    throw new UserInfoInvalidError(field, `expected ${accepted}, got ${got}${hint(value)}`);
  }
}

/** The year 1970 tells a reader that a `Date` was made of seconds. */
function describeMoment(value: unknown): string {
  if (value instanceof Date) return `the Date ${value.toISOString()}`;
  return describeValue(value, typeof value === 'number' ? 'number' : 'type');
}

function hint(value: unknown): string {
  const said = unsetHint(value);
  return said && `:${said.toLowerCase()}`;
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function textOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : new TextDecoder().decode(value);
}
