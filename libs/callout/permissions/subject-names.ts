import { describeValue, OptionsInvalidError, unsetHint } from '../../base/index.js';

/** One token of a subject, without a wildcard: with one, the name of a stream would stand for every stream. */
const NAME = /^[^\s.*>/\\\p{C}]+$/u;
const SUBJECT = /^[^\s\p{C}]+$/u;

/**
 * The name of a stream, a bucket, a consumer.
 * @throws {@link OptionsInvalidError}
 */
export function checkedName(option: string, name: unknown): string {
  return checked(option, name, NAME, 'one token of a subject, without a wildcard');
}

/** @throws {@link OptionsInvalidError} */
export function checkedSubjects(option: string, subjects: readonly string[] = []): readonly string[] {
  const given: unknown = subjects;
  if (!Array.isArray(given))
    throw new OptionsInvalidError(option, `expected a list of subjects, got ${describeValue(given)}.`);
  return given.map((subject, i) => checked(`${option}[${i}]`, subject, SUBJECT, 'a subject'));
}

function checked(option: string, value: unknown, form: RegExp, what: string): string {
  if (typeof value === 'string' && form.test(value)) return value;
  throw new OptionsInvalidError(
    option,
    `expected ${what}, got ${describeValue(value, 'text')}.${unsetHint(value)}`,
  );
}
