import { asError } from './errors.js';

/** What stands in the place of a secret wherever something that holds one is printed. */
export const REDACTED = '[redacted]';

// Shapes of secrets that errors written by others (an HTTP client, a server) are known to quote.
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const NKEY_SEED = /\bS[NCOAUX][A-Z2-7]{56}\b/g;
// Up to the last '@' of the authority: people forget to escape one in a password.
const URL_CREDENTIALS = /\/\/[^\s/]+@/g;

/**
 * Takes everything that looks like a JWT, an NKey seed or credentials in a URL out of a text that someone else
 * wrote, so that it can be quoted in one of our messages.
 */
export function scrub(text: string): string {
  return text.replace(JWT, REDACTED).replace(NKEY_SEED, REDACTED).replace(URL_CREDENTIALS, `//${REDACTED}@`);
}

/** So much of a text is enough to find it again. */
const MOST_SHOWN_CHARACTERS = 60;

/** What an error may show of the value of an option: a number, a short text without what looks like a secret, or a type. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = scrub(value);
    return `'${text.length > MOST_SHOWN_CHARACTERS ? `${text.slice(0, MOST_SHOWN_CHARACTERS)}…` : text}'`;
  }
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  return `a value of type ${typeof value}`;
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
