import { describeValue, NatsAuthError, scrub } from '../base/index.js';

/**
 * A subject or a queue group that is not allowed in a line of the NATS protocol. Nothing was sent, and the connection is
 * unaffected.
 * @public
 */
export class SubjectInvalidError extends NatsAuthError {
  override name = 'SubjectInvalidError';

  constructor(
    what: string,
    /** The subject as the caller passed it. */
    readonly subject: string,
    problem: string,
  ) {
    super('SUBJECT_INVALID', `${what} ${quoted(subject)} ${problem}`);
  }
}

/**
 * Validates the subject of a PUB or HPUB. White space in a subject would let its author write the rest of the line, and
 * further protocol lines.
 * @param reply the reply subject, made by this package.
 * @throws {@link SubjectInvalidError}
 */
export function assertPublishable(subject: unknown, reply = ''): asserts subject is string {
  assertToken('Subject', subject);
  assertFits('Subject', subject, reply);
}

/**
 * Validates the subject of a SUB, also against what the server would refuse: such a subscription would never receive a
 * message.
 * @param queue the queue group, if there is one.
 * @throws {@link SubjectInvalidError}
 */
export function assertSubscribable(subject: unknown, queue: unknown = ''): asserts subject is string {
  assertToken('Pattern', subject);
  const tokens = subject.split('.');
  if (tokens.includes(''))
    throw new SubjectInvalidError('Pattern', subject, 'has an empty token: remove a dot.');
  if (tokens.slice(0, -1).includes('>'))
    throw new SubjectInvalidError('Pattern', subject, `has '>' before its end, where it matches nothing.`);
  if (queue === '') return assertFits('Pattern', subject, '');
  assertToken(`Pattern ${quoted(subject)}: queue group`, queue);
  assertFits('Pattern', subject, queue);
}

/** Whether a protocol line with a subject and a reply or queue group would be too long for the server. */
export function isTooLong(subject: string, other = ''): boolean {
  if ((subject.length + other.length) * MOST_BYTES_A_CHARACTER <= MOST_BYTES_OF_NAMES) return false;
  return Buffer.byteLength(subject) + Buffer.byteLength(other) > MOST_BYTES_OF_NAMES;
}

/**
 * The server's default `max_control_line`. It closes the connection of a client that sends a longer line, and does not
 * announce its limit.
 */
const MAX_CONTROL_LINE_BYTES = 4_096;
/** Room for the sizes of headers and payload, or the subscription id, and the spaces in between. */
const REST_OF_LINE_BYTES = 32;
const MOST_BYTES_OF_NAMES = MAX_CONTROL_LINE_BYTES - REST_OF_LINE_BYTES;
/** In UTF-8, for each UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;
/** Enough of a subject to recognise it. */
const MOST_QUOTED_CHARACTERS = 60;

function assertToken(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw new SubjectInvalidError(what, describeValue(name, 'text'), 'is no text.');
  if (name === '') throw new SubjectInvalidError(what, name, 'is empty.');
  if (hasWhiteSpace(name))
    throw new SubjectInvalidError(
      what,
      name,
      'has white space or a control character, which NATS does not allow.',
    );
}

function assertFits(what: string, subject: string, other: string): void {
  if (!isTooLong(subject, other)) return;
  const bytes = Buffer.byteLength(subject);
  const beside = other === '' ? '' : ` beside ${Buffer.byteLength(other)} of ${quoted(other)}`;
  throw new SubjectInvalidError(
    what,
    subject,
    `is too long: ${bytes} bytes${beside}; a NATS server takes lines of ${MAX_CONTROL_LINE_BYTES} bytes.`,
  );
}

/**
 * White space and control characters end a name in a protocol line, or the line itself. A loop is as fast as a regular
 * expression on a short string, and spares an exception from the lint rule against control characters in one.
 */
export function hasWhiteSpace(name: string): boolean {
  for (let n = 0; n < name.length; n++) {
    const code = name.charCodeAt(n);
    if (code <= SPACE || code === DELETE) return true;
  }
  return false;
}

const SPACE = 0x20;
const DELETE = 0x7f;

/** Shortened, and without characters that would start a new line in a log. */
function quoted(name: string): string {
  const start = scrub(name).slice(0, MOST_QUOTED_CHARACTERS);
  const more = name.length > MOST_QUOTED_CHARACTERS ? '…' : '';
  return `'${JSON.stringify(start).slice(1, -1)}${more}'`;
}
