import { describeValue, OptionsInvalidError, unsetHint } from '../../base/index.js';

/** Checks a name or password that stands in a server's configuration between quotation marks. */
export function named(option: string, value: string, show: 'text' | 'type' = 'text'): string {
  // eslint-disable-next-line no-control-regex
  if (typeof value === 'string' && value.trim() !== '' && !/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw new OptionsInvalidError(
    option,
    `expected a text without control characters, got ${describeValue(value, show)}.${unsetHint(value)}`,
  );
}

/** Checks a list. */
export function nonEmpty<T>(option: string, values: readonly T[]): readonly T[] {
  const given: unknown = values;
  if (Array.isArray(given) && given.length > 0) return values;
  const got = Array.isArray(given) ? 'an empty one' : describeValue(given);
  throw new OptionsInvalidError(option, `expected a list with at least one entry, got ${got}.`);
}
