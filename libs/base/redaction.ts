import { scrub } from './scrub.js';

export { REDACTED, scrub } from './scrub.js';

/** So much of a text is enough to find it again. */
const MOST_SHOWN_CHARACTERS = 60;

/**
 * A value that is not what was expected, for the message of an error.
 * @param show how much of it: its type and size where a secret belongs, numbers and flags too where one may stand by mistake, short texts
 * too (without what looks like a secret) where none does.
 */
export function describeValue(value: unknown, show: 'type' | 'number' | 'text' = 'number'): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return show === 'text' ? quoted(value) : sizeOf(value);
  if (typeof value === 'number' || typeof value === 'boolean')
    return show === 'type' ? `a ${typeof value}` : String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A short text without what looks like a secret. */
export function quoted(text: string): string {
  const shown = scrub(text);
  return `'${shown.length > MOST_SHOWN_CHARACTERS ? `${shown.slice(0, MOST_SHOWN_CHARACTERS)}…` : shown}'`;
}

function sizeOf(text: string): string {
  return text.trim() === '' ? 'an empty string' : `a string of ${text.length} characters`;
}
