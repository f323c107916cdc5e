/** What kind of rejection it is; the values of the metric label `error`. */
export type RejectionKind = 'violation' | 'expired' | 'revoked' | 'timeout' | 'other';

/** What a client may not do with a subject. */
export type DeniedOperation = 'publish' | 'subscription';

/** What an -ERR of nats-server means. */
export type ServerError =
  /** The credentials are not accepted, or not any more: the server ends the connection. */
  | { readonly type: 'rejected'; readonly kind: RejectionKind }
  /** The credentials have no permission for a subject; the connection goes on. */
  | { readonly type: 'denied'; readonly operation: DeniedOperation; readonly subject: string }
  /** There is no room for another connection, on the server or in the account. */
  | { readonly type: 'capacity' }
  /** A protocol line, such as `CONNECT`, or a payload is longer than the server takes: it ends the connection. */
  | { readonly type: 'tooLong'; readonly what: 'line' | 'payload' }
  /** The server cannot read what it was sent: it ends the connection. */
  | { readonly type: 'malformed' }
  /** A limit of the account is reached, such as that of subscriptions; the connection goes on. */
  | { readonly type: 'limit' }
  | { readonly type: 'other' };

/** In the order in which they are tried. nats.js does not know `User Authentication Revoked`. */
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
 * Reads the text of an -ERR. Nothing else looks at a server's words: who has to know what they mean asks for the result.
 * @param text with or without the quotes that it has on the wire.
 */
export function parseServerError(text: string): ServerError {
  const said = text.trim().replace(/^'|'$/g, '');
  const denied = deniedPermission(said);
  if (denied) return denied;
  // What the server quotes is from the client: a subject may contain any of these words.
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
