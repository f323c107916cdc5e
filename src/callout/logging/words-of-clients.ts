import { scrub } from '../../../libs/base/index.js';

/** A server's name is an NKey if it was given none. */
const MOST_CHARACTERS = 80;

/** What a client, or a server, calls itself: in quotes. */
export function shown(text: string): string {
  return `'${unquoted(text)}'`;
}

/** The same for a field: without what looks like a secret, short, and without characters that would forge a line or turn it around. */
export function unquoted(text: string): string {
  const line = scrub(text)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}
