import { describeValue, LONGEST_TIMER_MS, undefinedKey } from '../../base/index.js';
import { AdmissionInvalidError } from '../errors.js';
import type { PermissionClaims, UserClaims } from '../jwt/encode-jwt.js';
import { refuseUnknown } from './known-fields.js';
import { list } from './list.js';
import { flawOfSubject } from './subject-flaw.js';

/** Permissions as a user JWT has them. */
export type PermissionSet = Pick<UserClaims, 'pub' | 'sub' | 'resp'>;

const NANOSECONDS_IN_MS = 1_000_000;
/** The server's word for it; 0 would be its default of two minutes. */
const NO_LIMIT = -1;
const EVERYTHING = '>';

/** @throws {@link AdmissionInvalidError} */
export function permissionSet(permissions: unknown): PermissionSet {
  if (permissions === undefined) return {};
  const { publish, subscribe, responses } = fields('permissions', permissions, [
    'publish',
    'subscribe',
    'responses',
  ]);
  const resp = responses === undefined ? undefined : responseClaims(responses);
  const pub = publish === undefined ? undefined : rules('permissions.publish', publish, plainSubject);
  const sub = subscribe === undefined ? undefined : rules('permissions.subscribe', subscribe, queueOrSubject);
  return {
    ...(pub && { pub: resp ? besideAnswers(pub) : pub }),
    ...(sub && { sub }),
    ...(resp && { resp }),
  };
}

/** A server lets a user who may answer publish nothing else, unless a list says what. */
function besideAnswers(pub: PermissionClaims): PermissionClaims {
  const isDenyOnly = !pub.allow && pub.deny && !pub.deny.includes(EVERYTHING);
  return isDenyOnly ? { allow: [EVERYTHING], ...pub } : pub;
}

type Read = (field: string, entry: unknown) => string;

function rules(field: string, value: unknown, read: Read): PermissionClaims {
  const { allow, deny } = fields(field, value, ['allow', 'deny']);
  const allowed = allow === undefined ? undefined : entries(`${field}.allow`, allow, read);
  const denied = deny === undefined ? [] : entries(`${field}.deny`, deny, read);
  // An empty list is no list for a server, and would allow everything.
  if (allowed?.length === 0) return { deny: [EVERYTHING] };
  return { ...(allowed && { allow: allowed }), ...(denied.length > 0 && { deny: denied }) };
}

function entries(field: string, value: unknown, read: Read): readonly string[] {
  return list(field, value).map((entry, index) => read(`${field}[${index}]`, entry));
}

function plainSubject(field: string, entry: unknown): string {
  const flaw = flawOfSubject(entry);
  if (flaw === undefined) return entry as string;
  throw new AdmissionInvalidError(field, flaw);
}

function queueOrSubject(field: string, entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return plainSubject(field, entry);
  const { subject, queue } = fields(field, entry, ['subject', 'queue']);
  return `${plainSubject(`${field}.subject`, subject)} ${plainSubject(`${field}.queue`, queue)}`;
}

function responseClaims(value: unknown): UserClaims['resp'] {
  if (value === false) return undefined;
  const field = 'permissions.responses';
  const { max = 1, ttl } = value === true ? {} : fields(field, value, ['max', 'ttl']);
  if (max !== Infinity && !(Number.isSafeInteger(max) && (max as number) >= 1))
    throw new AdmissionInvalidError(
      `${field}.max`,
      `expected a whole number of 1 or more, or Infinity, got ${describeValue(max)}`,
    );
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl >= 1 && ttl <= LONGEST_TIMER_MS))
    throw new AdmissionInvalidError(
      `${field}.ttl`,
      `expected a number of ms from 1 to ${LONGEST_TIMER_MS}, got ${describeValue(ttl)}`,
    );
  return {
    max: max === Infinity ? NO_LIMIT : (max as number),
    ttl: ttl === undefined ? NO_LIMIT : Math.round(ttl * NANOSECONDS_IN_MS),
  };
}

/** The fields of a part of an admission, each read once. What is there and not known must not count as left out: that allows more. */
function fields<Name extends string>(
  field: string,
  value: unknown,
  names: readonly Name[],
): { readonly [N in Name]?: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AdmissionInvalidError(
      field,
      `expected an object with ${names.join(', ')}, got ${describeValue(value, 'text')}`,
    );
  refuseUnknown(`${field}.`, value, names);
  const missing = undefinedKey(value, names);
  if (missing !== undefined)
    throw new AdmissionInvalidError(
      `${field}.${missing}`,
      'is undefined: leave it out, or say what is allowed',
    );
  const read: { [N in Name]?: unknown } = {};
  for (const name of names) {
    const one = (value as Readonly<Record<string, unknown>>)[name];
    if (one !== undefined) read[name] = one;
  }
  return read;
}
