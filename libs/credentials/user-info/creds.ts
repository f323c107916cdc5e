const BLOCK = /-{3,}BEGIN [^\n]*-{3,}\s*\n\s*([^\s]+)\s*\n\s*-{3,}END [^\n]*-{3,}/g;

/** The two parts of a `.creds` file. */
export interface ParsedCreds {
  readonly jwt: string;
  readonly seed: string;
}

/**
 * Reads the user JWT and the seed out of the contents of a `.creds` file; `undefined` when they are not there.
 * @see https://docs.nats.io/using-nats/developer/connecting/creds
 */
export function parseCreds(creds: string | Uint8Array): ParsedCreds | undefined {
  const text = typeof creds === 'string' ? creds : new TextDecoder().decode(creds);
  const [jwt, seed] = [...text.matchAll(BLOCK)].map((match) => match[1]);
  return jwt && seed ? { jwt, seed } : undefined;
}
