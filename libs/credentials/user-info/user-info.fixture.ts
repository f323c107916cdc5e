/** Every secret in a fixture holds this word, so that a test can look for it wherever something is printed. */
export const MARK = 'SECRETMARK';

/** A JWT with these claims. Its signature is none: nothing in this folder checks one. */
export function jwtOf(claims: object): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}.${MARK}`;
}

/** The `exp` claim for a moment in ms. */
export const exp = (atMs: number) => ({ exp: atMs / 1000 });

export const SEED = `SU${MARK}${'A'.repeat(56 - MARK.length)}`;
export const NKEY = `U${'B'.repeat(55)}`;
export const sign = () => new Uint8Array(64);

/** The contents of a `.creds` file. */
export function credsOf(jwt: string, seed = SEED): string {
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '************************* IMPORTANT *************************',
    'NKEY Seed printed below can be used to sign and prove identity.',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

export const bytes = (text: string) => new TextEncoder().encode(text);
