import { describeValue, quoted, undefinedKey, unsetHint } from '../../base/index.js';
import { type Admission, CONNECTION_TYPES, type ConnectionType } from '../admission.js';
import { AdmissionInvalidError } from '../errors.js';
import { refuseUnknown } from './known-fields.js';
import { list } from './list.js';
import { type PermissionSet, permissionSet } from './permission-set.js';
import { sourceCheck } from './source-check.js';

/** An admission of the right form. */
export interface CheckedAdmission {
  readonly account?: string;
  readonly name: string;
  /** In ms since the epoch. */
  readonly expiresAt?: number;
  readonly permissions: PermissionSet;
  readonly scope?: string;
  readonly tags: readonly string[];
  /** Whether a client may come from there. */
  readonly allowedSources?: (host: string) => boolean;
  readonly connectionTypes?: readonly ConnectionType[];
}

const FIELDS = [
  'account',
  'name',
  'expiresAt',
  'permissions',
  'scope',
  'tags',
  'allowedSources',
  'connectionTypes',
] as const satisfies readonly (keyof Admission)[];
/** Without them more is allowed: what is not known of them must not count as left out. */
const LIMITS = ['permissions', 'scope', 'allowedSources', 'connectionTypes'] as const;

const LONGEST_NAME = 1_024;
/** Line breaks and other control characters would forge lines of logs. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** As a token of a template these would be a wildcard. */
const WILDCARD_TOKEN = /(?:^|[.:])[*>](?:$|\.)/;
// As a number of ms this is 1973; as a number of seconds, which `exp` claims use, the year 5138.
const SMALLEST_PLAUSIBLE_MS = 100_000_000_000;

/** @throws {@link AdmissionInvalidError} */
export function checkedAdmission(value: unknown): CheckedAdmission {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AdmissionInvalidError(
      '*',
      `an authorizer returns an admission such as { name }, or throws a RefusedError, got ${describeValue(value, 'type')}`,
    );
  refuseUnknown('', value, FIELDS);
  const missing = undefinedKey(value, LIMITS);
  if (missing !== undefined)
    throw new AdmissionInvalidError(missing, 'is undefined: leave it out where there is no limit');
  // Each field is read once: what was checked is what is signed.
  const { account, name, expiresAt, permissions, scope, tags, allowedSources, connectionTypes } =
    value as Admission;
  if (scope !== undefined && permissions !== undefined)
    throw new AdmissionInvalidError('permissions', 'must be absent beside `scope`, whose template has them');
  const checked = {
    name: text('name', name),
    permissions: permissionSet(permissions),
    tags: checkedTags(tags),
    ...(account !== undefined && { account: text('account', account) }),
    ...(expiresAt !== undefined && { expiresAt: milliseconds(expiresAt) }),
    ...(scope !== undefined && { scope: text('scope', scope) }),
    ...(allowedSources !== undefined && { allowedSources: sourceCheck(allowedSources) }),
    ...(connectionTypes !== undefined && { connectionTypes: checkedTypes(connectionTypes) }),
  };
  if (scope !== undefined) refuseWildcards(checked);
  return checked;
}

function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new AdmissionInvalidError(field, `expected a text, got ${describeValue(value)}${unsetHint(value)}`);
  if (value.length > LONGEST_NAME)
    throw new AdmissionInvalidError(field, `has ${value.length} characters, of ${LONGEST_NAME} at most`);
  if (CONTROL.test(value)) throw new AdmissionInvalidError(field, 'has control characters');
  return value;
}

/** Templates and tools of NATS know tags in lower case only. */
function checkedTags(tags: unknown): readonly string[] {
  if (tags === undefined) return [];
  const texts = list('tags', tags).map((tag, index) => text(`tags[${index}]`, tag));
  return [...new Set(texts.map((tag) => tag.trim().toLowerCase()))];
}

function checkedTypes(types: unknown): readonly ConnectionType[] {
  return list('connectionTypes', types, 'nobody could connect').map((type, index) => {
    const known = CONNECTION_TYPES.find((one) => one === type);
    if (known) return known;
    throw new AdmissionInvalidError(
      `connectionTypes[${index}]`,
      `expected one of ${CONNECTION_TYPES.join(', ')}, got ${describeValue(type, 'text')}`,
    );
  });
}

function milliseconds(time: unknown): number {
  const ms = time instanceof Date ? time.getTime() : time;
  if (typeof ms !== 'number' || !Number.isFinite(ms))
    throw new AdmissionInvalidError(
      'expiresAt',
      `expected a Date or ms since 1970, got ${describeValue(ms)}`,
    );
  if (ms < SMALLEST_PLAUSIBLE_MS)
    throw new AdmissionInvalidError(
      'expiresAt',
      `expected ms since 1970, got ${ms}, which looks like seconds: multiply it by 1,000`,
    );
  return ms;
}

/** A client that chose its name so would widen what the template allows. */
function refuseWildcards({ name, tags }: Pick<CheckedAdmission, 'name' | 'tags'>): void {
  const fields = [['name', name] as const, ...tags.map((tag, index) => [`tags[${index}]`, tag] as const)];
  for (const [field, value] of fields) {
    if (WILDCARD_TOKEN.test(value))
      throw new AdmissionInvalidError(
        field,
        `${quoted(value)} would be a wildcard in the template of the scope`,
      );
  }
}
