import { asError } from './errors.js';
import { scrub } from './scrub.js';

export { REDACTED, scrub } from './scrub.js';

/** So much of a text is enough to find it again. */
const MOST_SHOWN_CHARACTERS = 60;

/** What an error may show of the value of an option: a number, a short text without what looks like a secret, or a type. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = scrub(value);
    return `'${text.length > MOST_SHOWN_CHARACTERS ? `${text.slice(0, MOST_SHOWN_CHARACTERS)}…` : text}'`;
  }
  return ['number', 'boolean'].includes(typeof value) ? String(value) : typeOf(value);
}

/** What an error may show of a value in whose place a secret may stand by mistake. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** The message of anything thrown, without what looks like a secret. */
export function describeError(thrown: unknown): string {
  const error = asError(thrown);
  return scrub(textOf(error, 'message') || textOf(error, 'name') || 'an error without a message');
}

/** Errors of others may hold anything there, and getters that throw. */
function textOf(error: Error, property: 'message' | 'name'): string {
  try {
    const text: unknown = error[property];
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
