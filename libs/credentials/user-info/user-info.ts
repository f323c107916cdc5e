/**
 * What a client will present in `CONNECT`: any combination that a NATS server accepts, at least one field of it.
 * `creds` or `jwt` may stand beside `user`/`pass` or `token`: an auth-callout deployment in operator mode wants such a
 * sentinel.
 * @public
 */
export interface UserInfo {
  /** User name. */
  user?: string;
  /** Password of `user`; an IAM's JWT may stand here. */
  pass?: string;
  /** Authentication token; an IAM's JWT may stand here. */
  token?: string;
  /** Contents of a `.creds` file: a user JWT and its NKey seed. */
  creds?: string | Uint8Array;
  /** User JWT, with `seed` or `sign`; alone when it is a bearer JWT. */
  jwt?: string;
  /** NKey user seed (`SU…`), for `jwt` or by itself. */
  seed?: string | Uint8Array;
  /** Public NKey of the user (`U…`), with `seed` or `sign`. */
  nkey?: string;
  /** Signs the server's nonce with a key that never enters this process (KMS, HSM). */
  sign?: (nonce: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /**
   * When the server will stop accepting this, as a `Date` or in ms since the epoch. Default: the earliest `exp` of
   * whichever of `jwt`, `creds`, `pass` and `token` is a JWT. What is no moment (`null`, `NaN`, `Infinity`, 0, a negative
   * number, one that no `Date` can hold, a lifetime such as 3600) counts as absent.
   */
  expiresAt?: Date | number;
}

/** What kind of user info it is, for status and logs: the names of its fields without their values. */
export type UserInfoKind =
  'user' | 'token' | 'creds' | 'jwt' | 'nkey' | 'creds+user' | 'creds+token' | 'jwt+user' | 'jwt+token';

export function kindOf(userInfo: UserInfo): UserInfoKind {
  const signed = userInfo.creds !== undefined ? 'creds' : userInfo.jwt !== undefined ? 'jwt' : undefined;
  const plain = userInfo.user !== undefined ? 'user' : userInfo.token !== undefined ? 'token' : undefined;
  if (signed && plain) return `${signed}+${plain}`;
  return signed ?? plain ?? 'nkey';
}
