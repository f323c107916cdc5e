import { AnswerRefusedError } from './answer-refused-error.js';

/** Where a server tells the account of a callout whom it did not let in, and why. */
export const AUTH_ERRORS_SUBJECT = '$SYS.ACCOUNT.CLIENT.AUTH.ERR';

/** An answer that a server did not accept. */
export interface RefusedAnswer {
  /** The server's name. */
  readonly server: string;
  readonly error: AnswerRefusedError;
}

/** A server says little; who else publishes on the subject may say anything. */
const LONGEST_MESSAGE = 65_536;
/** Begins the reason where the callout has refused the client itself. */
const OWN_REFUSAL = 'Auth callout service returned an error';

/**
 * Reads what a server publishes at {@link AUTH_ERRORS_SUBJECT}.
 * @returns `undefined` for what is no answer that it refused: the callout's own refusals, a server that stopped waiting, and whatever it did not write.
 */
export function refusedAnswer(data: Uint8Array): RefusedAnswer | undefined {
  const { reason, server } = parsed(data);
  if (typeof reason !== 'string' || reason === '' || reason.startsWith(OWN_REFUSAL)) return undefined;
  const { name } = (server ?? {}) as { name?: unknown };
  return {
    server: typeof name === 'string' ? name : '',
    error: new AnswerRefusedError(reason, hintFor(reason)),
  };
}

function parsed(data: Uint8Array): { readonly reason?: unknown; readonly server?: unknown } {
  if (data.length > LONGEST_MESSAGE) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

const ACCOUNT = '"(A[A-Z2-7]{55})"';
const WRONG_ISSUER = new RegExp(`^Wrong issuer .*expected ${ACCOUNT} got ${ACCOUNT}`);

function hintFor(reason: string): string | undefined {
  const [, expected, got] = WRONG_ISSUER.exec(reason) ?? [];
  if (expected && got)
    return `The server expects the key ${expected}, the callout signs with ${got}: give 'callout.issuer' the seed of the first, or the server's auth_callout the second as issuer.`;
  if (/^User JWT issuer .* is not known/.test(reason))
    return `'callout.accounts' has a key that is none of the client's account: give 'keys' the seed of the account, or of one of its signing keys.`;
  if (/not permitted as valid account|No valid account/i.test(reason))
    return `'callout.accounts' has an account that the server does not have, or that its allowed_accounts leave out.`;
  return undefined;
}
