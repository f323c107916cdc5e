import { OptionsInvalidError } from './errors.js';
import { describeValue } from './redaction.js';
import { LONGEST_TIMER_MS } from './time/clock.js';

/** Checks a choice. */
export function oneOf<T extends string>(option: string, value: T, accepted: readonly T[]): T {
  if (accepted.includes(value)) return value;
  throw new OptionsInvalidError(
    option,
    `expected '${accepted.join(`' or '`)}', got ${describeValue(value, 'text')}.`,
  );
}

/** Checks a flag: the types say so, but a value of the environment may be a text. */
export function flag(option: string, value: boolean): boolean {
  if (typeof (value as unknown) !== 'boolean') fail(option, value, 'true or false');
  return value;
}

/** Checks a duration in ms. */
export function duration(option: string, value: number, least: number): number {
  return number(
    option,
    value,
    least,
    LONGEST_TIMER_MS,
    `a number of ms from ${least} to ${LONGEST_TIMER_MS}`,
  );
}

/** Checks how often something may happen. */
export function count(option: string, value: number): number {
  if (value !== Infinity && !Number.isInteger(value))
    fail(option, value, 'a whole number of 1 or more, or Infinity');
  return number(option, value, 1, Infinity, 'a whole number of 1 or more, or Infinity');
}

/** Refuses an option that nobody reads: it is a typing error in most cases. */
export function knownKeys(option: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail(option, value, 'an object');
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown)
    throw new OptionsInvalidError(`${option}.${unknown}`, `unknown; accepted here are ${known.join(', ')}.`);
}

/** Checks that a number lies in a range that `accepted` words. */
export function number(option: string, value: number, least: number, most: number, accepted: string): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) fail(option, value, accepted);
  return value;
}

/**
 * Refuses keys that are there and hold `undefined`, where that cannot be meant: `servers: process.env.NATS_URL` would dial
 * this machine. Where a default is as good, `undefined` counts as left out. The declared fields of a class are there
 * whether they are meant or not.
 * @param meaning what leaving the key out means, as a phrase.
 */
export function noneUndefined(option: string, value: object, keys: readonly string[], meaning: string): void {
  const key = undefinedKey(value, keys);
  if (key !== undefined)
    throw new OptionsInvalidError(
      option === '' ? key : `${option}.${key}`,
      `is undefined.${unsetHint(undefined)} Leave it out ${meaning}.`,
    );
}

/** The first of these keys that a plain object has with `undefined`. */
export function undefinedKey(value: object, keys: readonly string[]): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  return keys.find((key) => {
    // A getter is not read: it may give something else the next time.
    const property = Object.getOwnPropertyDescriptor(value, key);
    return property !== undefined && 'value' in property && property.value === undefined;
  });
}

/** Ends the message about a value that an environment variable gives which is not set. */
export function unsetHint(value: unknown): string {
  const isUnset = value === undefined || value === '' || Number.isNaN(value);
  return isUnset ? ' Is an environment variable not set?' : '';
}

function fail(option: string, value: unknown, accepted: string): never {
  throw new OptionsInvalidError(
    option,
    `expected ${accepted}, got ${describeValue(value)}.${unsetHint(value)}`,
  );
}
