import { describeValue } from '../../base/index.js';
import { RefusedError } from '../errors.js';

/** One token of a subject is no place for more. */
const LONGEST_TOKEN = 128;
/** What a dot, a wildcard, white space or a control character is not. A `$` begins the subjects of the system. */
const SAFE = /^(?!\$)[^\s.*>\p{C}]+$/u;

/**
 * A value of somebody else, such as the claim `sub` of a token, as one token of a subject: `orders.${subjectToken(claims.sub)}.>`. With a
 * wildcard or a dot in it, whoever chose the value would choose the permissions, too.
 * @throws {@link RefusedError} (`forbidden`) it is no text, is empty or longer than 128 characters, begins with `$`, or has a dot, a wildcard, white
 * space or a control character.
 * @public
 */
export function subjectToken(value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_TOKEN && SAFE.test(value)) return value;
  throw new RefusedError(
    `No subject can be made with ${describeValue(value, 'type')} that the client is named by.`,
    {
      reason: 'forbidden',
    },
  );
}
