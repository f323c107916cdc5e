import {
  describeValue,
  type Nkey,
  type NkeyKind,
  OptionsInvalidError,
  parsePublicNkey,
  parseSeed,
  unsetHint,
} from '../../base/index.js';

const OF: Readonly<Record<NkeyKind, string>> = {
  account: 'an account',
  cluster: 'a cluster',
  curve: 'a curve key',
  operator: 'an operator',
  server: 'a server',
  user: 'a user',
};
/** How seeds and public keys of these kinds begin. */
const LETTER = { account: 'A', curve: 'X', user: 'U' } as const;

type GivenKind = keyof typeof LETTER;

/**
 * The seed that an option gives, of this kind. White space around it is what files end with.
 * @throws {@link OptionsInvalidError} it is something else; the message says what, without quoting it.
 */
export function givenSeed(option: string, value: unknown, kind: GivenKind): Nkey {
  const seed = typeof value === 'string' ? parseSeed(value.trim()) : undefined;
  if (seed?.kind === kind) return seed;
  throw new OptionsInvalidError(
    option,
    `expected the seed of ${OF[kind]} (S${LETTER[kind]}…), got ${describeKey(value)}.${unsetHint(value)}`,
  );
}

/**
 * The public key that an option gives, of this kind.
 * @throws {@link OptionsInvalidError} it is something else.
 */
export function givenPublicKey(option: string, value: unknown, kind: GivenKind): string {
  if (typeof value === 'string' && parsePublicNkey(value)?.kind === kind) return value;
  throw new OptionsInvalidError(
    option,
    `expected the public key of ${OF[kind]} (${LETTER[kind]}…), got ${describeKey(value)}.${unsetHint(value)}`,
  );
}

/** What somebody gave in place of a key, without quoting it: it may be a secret that was put in the wrong place. */
function describeKey(value: unknown): string {
  if (typeof value !== 'string') return describeValue(value, 'type');
  const text = value.trim();
  const seed = parseSeed(text);
  if (seed) return `the seed of ${OF[seed.kind]}`;
  const publicKey = parsePublicNkey(text);
  if (publicKey) return `the public key of ${OF[publicKey.kind]}`;
  if (/^S[NCOAUX][A-Z2-7]+$/.test(text)) return `a seed that is damaged: its checksum is wrong`;
  if (/^[NCOAUX][A-Z2-7]{50,}$/.test(text)) return `a public key that is damaged: its checksum is wrong`;
  return describeValue(value);
}
