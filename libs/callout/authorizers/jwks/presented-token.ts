import { RefusedError } from '../../errors.js';
import type { CalloutRequest } from '../../request/callout-request.js';

export const PRESENTED_AS = ['token', 'pass', 'user', 'jwt'] as const satisfies readonly PresentedAs[];

/**
 * In which field of what it presents a client has its token.
 * @public
 */
export type PresentedAs = 'token' | 'pass' | 'user' | 'jwt';

/**
 * The token that a client presents.
 * @throws {@link RefusedError} it presents none, or one that is too long.
 */
export function presentedToken(
  { credentials }: CalloutRequest,
  from: readonly PresentedAs[],
  maxTokenSize: number,
): string {
  const { token, pass, user, jwt } = credentials;
  const fields = { token, pass, user, jwt: jwt?.token };
  const presented = from.map((field) => fields[field]).find(Boolean);
  if (!presented) throw new RefusedError(`The client presents no token as ${from.join(' or ')}.`);
  const size = Buffer.byteLength(presented);
  if (size > maxTokenSize)
    throw new RefusedError(`The token has ${size} bytes, more than 'maxTokenSize' (${maxTokenSize}).`);
  return presented;
}
