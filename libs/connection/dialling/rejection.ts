/** Kinds of rejection; the values of the metric label `error`. */
export type RejectionKind = 'violation' | 'expired' | 'revoked' | 'timeout' | 'other';

// What nats-server sends in -ERR. `User Authentication Revoked` is known to neither driver.
const REJECTIONS: readonly (readonly [RegExp, RejectionKind])[] = [
  [/authorization violation/i, 'violation'],
  [/(user|account) authentication expired/i, 'expired'],
  [/authentication revoked/i, 'revoked'],
  [/authentication timeout/i, 'timeout'],
  [/authentication|authorization/i, 'other'],
];

/** The kind of rejection that the text of an -ERR stands for; `undefined` when it is not about authentication. */
export function classifyServerError(text: string): RejectionKind | undefined {
  // A subject may have any of these words in it.
  if (deniedPermission(text)) return undefined;
  return REJECTIONS.find(([pattern]) => pattern.test(text))?.[1];
}

/**
 * The server escapes what it quotes; the pattern of a NestJS handler may be an object, as JSON. The whole text: it is quoted as it
 * is, and what else stands in it may be secret.
 */
const DENIED =
  /^permissions violation for (publish|subscription) to ("(?:[^"\\]|\\.)+")(?: using queue "(?:[^"\\]|\\.)*")?$/i;

/** What a client may not do with a subject. */
export type DeniedOperation = 'publish' | 'subscription';

/** What an -ERR says that the client may not do; the connection goes on. */
export function deniedPermission(text: string): { operation: DeniedOperation; subject: string } | undefined {
  const [, operation, quoted] = DENIED.exec(text) ?? [];
  if (!operation || !quoted) return undefined;
  return {
    operation: operation.toLowerCase() === 'publish' ? 'publish' : 'subscription',
    subject: quoted.slice(1, -1).replace(/\\(["\\])/g, '$1'),
  };
}

/** What a server says before it ends a connection over what it was sent. */
const VIOLATION =
  /^(maximum payload violation|maximum control line exceeded|unknown protocol operation|parser error|invalid client protocol)/i;

/** Whether the text of an -ERR says that a message of the client ended its connection. */
export function isProtocolViolation(text: string): boolean {
  return VIOLATION.test(text);
}
