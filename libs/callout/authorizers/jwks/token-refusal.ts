import { RefusedError } from '../../errors.js';

/** What is wrong with a token, by the code of `jose`. Its own errors carry the claims: they are not kept. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: `is signed with an algorithm that is not among 'algorithms'.`,
  ERR_JOSE_NOT_SUPPORTED: 'needs something that is not supported.',
  ERR_JWS_INVALID: 'is no signed JWT.',
  ERR_JWT_INVALID: 'is no JWT.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'has a signature that is not right.',
  ERR_JWKS_NO_MATCHING_KEY: 'is signed with a key that its issuer does not publish.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'does not name its key, and none of its issuer fits.',
};

/** The refusal that an error of `jose` stands for; what is no fault of the token goes through as it is. */
export function tokenRefusal(thrown: unknown): unknown {
  const code = codeOf(thrown);
  if (code === 'ERR_JWT_EXPIRED') return new RefusedError('The token has expired.', { reason: 'expired' });
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED')
    return new RefusedError(`The token ${claimProblem(thrown)}`);
  const problem = PROBLEMS[code];
  return problem === undefined ? thrown : new RefusedError(`The token ${problem}`);
}

/** The code of an error, which survives a second copy of the library. */
export function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function claimProblem(thrown: unknown): string {
  const { claim, reason } = thrown as { claim?: unknown; reason?: unknown };
  // Names come from the options, and not from the token.
  return reason === 'missing'
    ? `has no claim '${String(claim)}'.`
    : `has another '${String(claim)}' than is asked for.`;
}
