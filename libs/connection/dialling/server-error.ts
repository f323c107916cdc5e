/** The kind of a rejection; the values of the metric label `error`. */
export type RejectionKind = 'violation' | 'expired' | 'revoked' | 'timeout' | 'other';

/** What the credentials do not allow on a subject. */
export type DeniedOperation = 'publish' | 'subscription';

/** The meaning of an -ERR from nats-server. */
export type ServerError =
  /** The credentials are not accepted, or no longer: the server ends the connection. */
  | { readonly type: 'rejected'; readonly kind: RejectionKind }
  /** The credentials have no permission for a subject; the connection goes on. */
  | { readonly type: 'denied'; readonly operation: DeniedOperation; readonly subject: string }
  /** There is no room for another connection, on the server or in the account. */
  | { readonly type: 'capacity' }
  /** A protocol line, such as `CONNECT`, or a payload exceeds the server's limit: it ends the connection. */
  | { readonly type: 'tooLong'; readonly what: 'line' | 'payload' }
  /** The server cannot parse what it received: it ends the connection. */
  | { readonly type: 'malformed' }
  /** A limit of the account is reached, such as that of subscriptions; the connection goes on. */
  | { readonly type: 'limit' }
  | { readonly type: 'other' };

/** In the order in which they are matched. nats.js does not know `User Authentication Revoked`. */
const REJECTIONS: Readonly<Record<RejectionKind, RegExp>> = {
  violation: /authorization violation/,
  expired: /(user|account) authentication expired/,
  revoked: /authentication revoked/,
  timeout: /authentication timeout/,
  other: /authentication|authorization/,
};

/** All kinds of rejection. */
export const REJECTION_KINDS = Object.keys(REJECTIONS) as readonly RejectionKind[];

const OTHERS: readonly (readonly [RegExp, ServerError])[] = [
  [/^maximum .*connections exceeded/, { type: 'capacity' }],
  [/^maximum control line exceeded/, { type: 'tooLong', what: 'line' }],
  [/^maximum payload violation/, { type: 'tooLong', what: 'payload' }],
  [/^(unknown protocol operation|parser error|invalid client protocol)/, { type: 'malformed' }],
  [/^maximum subscriptions exceeded/, { type: 'limit' }],
];

/**
 * Parses the text of an -ERR. This is the only place that reads a server's messages; all other code uses the result.
 * @param text with or without the quotes that it has on the wire.
 */
export function parseServerError(text: string): ServerError {
  const said = text.trim().replace(/^'|'$/g, '');
  const denied = deniedPermission(said);
  if (denied) return denied;
  // The server quotes what the client sent: a subject may contain any of these words.
  const words = said.replace(QUOTED, '""').toLowerCase();
  const kind = REJECTION_KINDS.find((one) => REJECTIONS[one].test(words));
  if (kind) return { type: 'rejected', kind };
  return OTHERS.find(([pattern]) => pattern.test(words))?.[1] ?? { type: 'other' };
}

/** The server escapes what it quotes; the pattern of a NestJS handler may be an object, as JSON. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
/** The whole text: a denial is quoted as it is, and what else stands in it may be secret. */
const DENIED =
  /^permissions violation for (publish|subscription) to ("(?:[^"\\\r\n]|\\.)+")(?: using queue "(?:[^"\\\r\n]|\\.)*")?(?: \(sid "[^"\r\n]*"\))?(?:, too many tokens)?$/i;

function deniedPermission(said: string): ServerError | undefined {
  const [, operation, quoted] = DENIED.exec(said) ?? [];
  if (!operation || !quoted) return undefined;
  return {
    type: 'denied',
    operation: operation.toLowerCase() === 'publish' ? 'publish' : 'subscription',
    subject: quoted.slice(1, -1).replace(/\\(["\\])/g, '$1'),
  };
}
