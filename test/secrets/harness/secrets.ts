import { randomBytes } from 'node:crypto';

import { type Form, formsOf } from './forms.js';

/** The secrets of one test, each marked by being random: whoever tells one has had it from here. */
export class Secrets {
  /** What is searched for, by piece of a secret. */
  readonly #pieces = new Map<string, { readonly what: string; readonly forms: readonly Form[] }>();

  /** A new password, token or other word. */
  word(what: string): string {
    return this.keep(what, randomBytes(16).toString('hex'));
  }

  /** Takes a secret that was made elsewhere. */
  keep(what: string, secret: string): string {
    for (const piece of piecesOf(secret)) this.#pieces.set(piece, { what, forms: formsOf(piece) });
    return secret;
  }

  /** The pieces of them that stand in none of these texts as they are. */
  missingIn(texts: readonly string[]): string[] {
    const missing = [...this.#pieces].filter(([piece]) => !texts.some((text) => text.includes(piece)));
    return missing.map(([piece, { what }]) => `${what}: ${piece}`);
  }

  /** What of them stands in a text, and in which form. */
  in(text: string): string[] {
    return [...this.#pieces.values()].flatMap(({ what, forms }) =>
      forms
        .filter(({ written }) => text.includes(written))
        .map(({ form, written }) => `${what}, ${form}: …${around(text, written)}…`),
    );
  }
}

const BLOCK = /-{3,}BEGIN [^\n]*-{3,}\s+(\S+)\s+-{3,}END/g;
const JWT = /^eyJ[\w-]+\.([\w-]+)\.([\w-]+)$/;

/** The parts of a secret that must not be told: of a `.creds` file its two blocks, of a JWT its claims and signature. */
function piecesOf(secret: string): string[] {
  const blocks = [...secret.matchAll(BLOCK)].map(([, block = '']) => block);
  if (blocks.length > 0) return blocks.flatMap(piecesOf);
  const [, claims, signature] = JWT.exec(secret) ?? [];
  // Of the claims a part that another JWT does not have: whom it is about.
  return claims && signature ? [claims.slice(60, 100), signature] : [secret.trim()];
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 120), at + found.length + 20).replaceAll('\n', '\\n');
}
