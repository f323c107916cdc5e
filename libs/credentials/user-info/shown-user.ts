import { jwtClaims, scrub } from '../../base/index.js';
import { parseCreds } from './creds.js';
import type { UserInfo } from './user-info.js';

/** More than this is not a name that a person gave, and no line of a log has room for it. */
const LONGEST_NAME = 128;
const PUBLIC_NKEY = /^U[A-Z2-7]{55}$/;
/** Keys and tokens are long runs of letters and digits; names have words in them, and the random parts of generated names are shorter. */
const LOOKS_RANDOM = /(?=[^\s.,:@/-]*\d)(?=[^\s.,:@/-]*[a-z])[^\s.,:@/-]{32,}/i;
/** What well-known issuers begin their tokens with. */
const TOKEN_PREFIX =
  /^(gh[pousr]_|github_pat_|glpat-|gl[a-z]{2,5}-|xox[a-z]-|sk[-_]|pk_live|rk_live|hv[sbr]\.|[sb]\.[A-Za-z0-9]{20}|npm_|dop_v1_|ya29\.|AIza|Bearer |Basic )/i;

/**
 * Whom the server sees behind user info: the user name, or else the public NKey, also that of a user JWT. `undefined` if there is none, or
 * if it looks like a token or repeats a secret.
 */
export function shownUser(userInfo: UserInfo): string | undefined {
  const { user, pass, token, nkey, jwt, creds } = userInfo;
  if (user) return user === pass || user === token || looksSecret(user) ? undefined : user;
  const text = creds === undefined ? jwt : parseCreds(creds)?.jwt;
  const key = nkey ?? (text === undefined ? undefined : jwtClaims(text).sub);
  return typeof key === 'string' && PUBLIC_NKEY.test(key) ? key : undefined;
}

function looksSecret(name: string): boolean {
  if (PUBLIC_NKEY.test(name)) return false;
  return (
    name.length > LONGEST_NAME ||
    // A line break would forge a line of the log.
    /\p{Cc}/u.test(name) ||
    scrub(name) !== name ||
    TOKEN_PREFIX.test(name) ||
    LOOKS_RANDOM.test(name)
  );
}
