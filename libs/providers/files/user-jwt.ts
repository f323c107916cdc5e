import { publicUserNkey } from '../../base/index.js';

/** An Ed25519 signature in base64url. */
const SIGNATURE_LENGTH = 86;

/** What is wrong with a user JWT and its seed; `undefined` when they are whole and belong together. */
export function flawOf(jwt: string, seed: string): 'jwt' | 'seed' | 'pair' | undefined {
  const subject = subjectOf(jwt);
  if (subject === undefined) return 'jwt';
  const nkey = publicUserNkey(seed);
  if (nkey === undefined) return 'seed';
  return nkey === subject ? undefined : 'pair';
}

/** The subject of a user JWT; `undefined` when the text is no whole user JWT. The server checks the signature. */
function subjectOf(jwt: string): string | undefined {
  const [, claims, signature, ...rest] = jwt.split('.');
  if (!claims || signature?.length !== SIGNATURE_LENGTH || rest.length > 0) return undefined;
  try {
    const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}
