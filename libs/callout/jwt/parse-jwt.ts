import { isUtf8 } from 'node:buffer';

/** A JWT of NATS. Nothing of it has been checked but its form. */
export interface ParsedJwt {
  readonly claims: Record<string, unknown>;
  /** What the signature is of. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Longer ones are not looked at: no server sends them. */
const LONGEST_JWT = 1_048_576;
const SIGNATURE_LENGTH = 64;
/** As nats-server writes it. */
const USUAL_HEADER = Buffer.from('{"typ":"JWT","alg":"ed25519-nkey"}').toString('base64url');

/** Parses a JWT of the form that NATS has used since version 2 of its claims; `undefined` for everything else. It throws nothing. */
export function parseJwt(text: string): ParsedJwt | undefined {
  if (text.length > LONGEST_JWT) return undefined;
  const parts = text.split('.', 4);
  const [head = '', body = '', tail = ''] = parts;
  if (parts.length !== 3) return undefined;
  const signature = decode(tail);
  if (signature?.length !== SIGNATURE_LENGTH || !isHeader(head)) return undefined;
  const claims = parseObject(body);
  return claims && { claims, signed: Buffer.from(`${head}.${body}`, 'latin1'), signature };
}

function isHeader(part: string): boolean {
  if (part === USUAL_HEADER) return true;
  const header = parseObject(part);
  return header?.['typ'] === 'JWT' && header['alg'] === 'ed25519-nkey';
}

function parseObject(part: string): Record<string, unknown> | undefined {
  const bytes = decode(part);
  if (!bytes || !isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Buffer skips what is no base64url, and takes several texts for the same bytes: one signature would fit all of them. Not by an expression: V8 keeps the text
 * of the last match, and there are passwords in this one.
 */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
