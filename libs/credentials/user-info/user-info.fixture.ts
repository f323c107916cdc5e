import { SEED } from '../../base/secrets.fixture.js';

/** The `exp` claim for a moment in ms. */
export const exp = (atMs: number) => ({ exp: atMs / 1000 });

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
