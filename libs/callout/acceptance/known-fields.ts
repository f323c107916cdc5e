import { AdmissionInvalidError } from '../errors.js';

/** What people know from user JWTs, and what does it here. */
const INSTEAD: Readonly<Record<string, string>> = {
  subs: 'nats-server ignores it for users of a callout: limit the account',
  data: 'nats-server ignores it for users of a callout: limit the account',
  payload: 'nats-server ignores it for users of a callout: limit the account',
  limits: 'nats-server ignores them for users of a callout: limit the account',
  src: 'nats-server ignores it for users of a callout: use `allowedSources`',
  allowed_connection_types: 'nats-server ignores it for users of a callout: use `connectionTypes`',
  allowedConnectionTypes: 'use `connectionTypes`',
  exp: 'use `expiresAt`, in ms',
  expires: 'use `expiresAt`, in ms',
  aud: 'use `account`',
  pub: 'use `publish`, below `permissions`',
  sub: 'use `subscribe`, below `permissions`',
  resp: 'use `responses`, below `permissions`',
  allow_responses: 'use `responses`',
  publish: 'it belongs below `permissions`',
  subscribe: 'it belongs below `permissions`',
  responses: 'it belongs below `permissions`',
};

/**
 * Refuses what nobody reads: a limit that is misspelled would be no limit.
 * @param parent where the object is, with a dot behind it; empty for the admission itself.
 * @throws {@link AdmissionInvalidError}
 */
export function refuseUnknown(parent: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const instead = Object.hasOwn(INSTEAD, unknown) ? INSTEAD[unknown] : undefined;
  throw new AdmissionInvalidError(
    `${parent}${unknown}`,
    `is unknown; ${instead ?? `accepted here are ${known.join(', ')}`}`,
  );
}
