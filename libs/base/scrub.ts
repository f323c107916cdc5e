/** What stands in the place of a secret wherever something that holds one is printed. */
export const REDACTED = '[redacted]';

// Shapes of secrets that errors written by others (an HTTP client, a server) are known to quote.
// Within a word a short beginning is none of a JWT: 'surveyJobs.done.v1' is a subject. A long one counts also where the header is mangled.
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|eyJ[\w-]{12,}\.[\w.-]*/g;
const NKEY_SEED = /S[NCOAUX][A-Z2-7]{56}/g;
// Up to the last '@' of the authority: people forget to escape one in a password.
const URL_CREDENTIALS = /\/\/[^\s/]+@/g;

/**
 * Takes everything that looks like a JWT, an NKey seed or credentials in a URL out of a text that someone else
 * wrote, so that it can be quoted in one of our messages.
 */
export function scrub(text: string): string {
  return text.replace(JWT, REDACTED).replace(NKEY_SEED, REDACTED).replace(URL_CREDENTIALS, `//${REDACTED}@`);
}
