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

const DENIED = /permissions violation for (publish|subscription) to "([^"]+)"/i;

/** What an -ERR says that the client may not do; the connection goes on. */
export function deniedPermission(
  text: string,
): { operation: 'publish' | 'subscription'; subject: string } | undefined {
  const [, operation, subject] = DENIED.exec(text) ?? [];
  if (!operation || !subject) return undefined;
  return { operation: operation.toLowerCase() === 'publish' ? 'publish' : 'subscription', subject };
}
