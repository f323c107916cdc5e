import { causesOf, read } from './causes.js';
import { asError, NatsAuthError, NO_TEXT } from './errors.js';
import { scrub } from './scrub.js';

/** So deep is looked for causes, and so many are told of one error. */
const DEEPEST = 5;
const MOST_TOLD = 3;
/** How much is told: of an error, of one of its causes, and of all. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_CAUSE = 300;
const LONGEST_TEXT = 3_000;
/** So much of a text is enough to find it again in another. */
const LONGEST_START = 100;
/** So many errors are looked at: more are told by their number. */
const MOST_LOOKED_AT = 50;

/** What one error says, and what lies underneath it. */
interface Told {
  readonly text: string;
  readonly code: string;
  readonly causes: readonly Told[];
}

/**
 * What is told of anything thrown, in one line and without what looks like a secret: its message, and what lies underneath, as far as the
 * message does not say it already. `fetch failed` tells nothing without it.
 */
export function describeError(thrown: unknown): string {
  const error = toldOf(thrown, []);
  const text = tell(error, '') || nameOf(asError(thrown)) || 'an error without a message';
  return shortened(text, LONGEST_TEXT);
}

function toldOf(thrown: unknown, above: readonly Error[], seen = { errors: 0 }): Told {
  const error = asError(thrown);
  const isCause = above.length > 0;
  // The cause that says nothing may be the answer of a server, which an HTTP client attaches.
  const said = messageOf(error);
  const message = isCause && said === NO_TEXT ? '' : said;
  const chain = [...above, error];
  const causes: Told[] = [];
  for (const cause of chain.length > DEEPEST ? [] : causesOf(error))
    if (!chain.some((one) => one === cause) && seen.errors++ < MOST_LOOKED_AT)
      causes.push(toldOf(cause, chain, seen));
  return {
    text: shortened(inOneLine(scrub(message)), isCause ? LONGEST_CAUSE : LONGEST_MESSAGE),
    code: codeOf(error),
    causes,
  };
}

/** @param said what is told already. */
function tell(error: Told, said: string): string {
  const isKnown = isSaid(error.text, said) || leavesOf(error).some((leaf) => isSaid(leaf, said));
  const text = isKnown ? '' : error.text;
  const causes: string[] = [];
  for (const cause of error.causes) {
    const told = tell(cause, [said, text, ...causes].join(' '));
    if (told) causes.push(told);
  }
  const all = listed(causes);
  const code = isSaid(error.code, [said, text, all].join(' ')) ? '' : error.code;
  return joined(text && code ? `${withoutPoint(text)} (${code})` : text || code, all);
}

/** What lies at the bottom of an error: whoever tells that knows what is in between. */
function leavesOf({ causes }: Told): string[] {
  return causes.flatMap((cause) => (cause.causes.length > 0 ? leavesOf(cause) : [cause.text || cause.code]));
}

function isSaid(text: string, said: string): boolean {
  if (text === '') return false;
  const start = withoutPoint(text).slice(0, LONGEST_START);
  const at = said.toLowerCase().indexOf(start.toLowerCase());
  // 'no' is not said by 'not connected'.
  return (
    at >= 0 &&
    !/\w/.test(said.charAt(at - 1)) &&
    (start.length === LONGEST_START || !/\w/.test(said.charAt(at + start.length)))
  );
}

function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_TOLD;
  return texts.slice(0, MOST_TOLD).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function joined(text: string, causes: string): string {
  if (!text || !causes) return text || causes;
  // Behind a whole sentence, or a hint, a colon would read as part of it.
  return /[.?!)]$/.test(text) && /[.?!] /.test(text)
    ? `${text} Cause: ${causes}`
    : `${withoutPoint(text)}: ${causes}`;
}

function withoutPoint(text: string): string {
  return text.replace(/\.$/, '');
}

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A line break in the words of others would forge a line of a log. */
function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** What `JSON.parse()` quotes is the beginning of a text in which a secret may stand. */
const QUOTED_JSON = /(\.\.\.)?".*"(\.\.\.)? is not valid JSON/s;

function messageOf(error: Error): string {
  const message = read(error, 'message');
  return typeof message === 'string' ? message.replace(QUOTED_JSON, 'the text is not valid JSON') : '';
}

/** The codes of Node.js and of HTTP clients, such as `ECONNREFUSED`. Those of this package are for programs: its messages say it all. */
const CODE = /^[A-Z][A-Z0-9_.-]{1,49}$/i;

function codeOf(error: Error): string {
  const code = read(error, 'code');
  if (typeof code !== 'string' || error instanceof NatsAuthError || !CODE.test(code)) return '';
  return scrub(code);
}

function nameOf(error: Error): string {
  const name = read(error, 'name');
  return typeof name === 'string' ? scrub(name) : '';
}
