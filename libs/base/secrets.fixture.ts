/** Every secret in a fixture holds this word, so that a test can look for it wherever something is printed. */
export const MARK = 'SECRETMARK';

/** A JWT with these claims. Its signature is none: nothing in this folder checks one. */
export function jwtOf(claims: object): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}.${MARK}`;
}

export const SEED = `SU${MARK}${'A'.repeat(56 - MARK.length)}`;
