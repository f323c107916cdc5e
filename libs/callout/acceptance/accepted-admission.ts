import { quoted } from '../../base/index.js';
import type { AllowedAccount } from '../accounts/accounts-allowed.js';
import type { Admission } from '../admission.js';
import { AdmissionInvalidError, RefusedError } from '../errors.js';
import type { UserClaims } from '../jwt/encode-jwt.js';
import type { AccountSigner } from '../keys/account-signer.js';
import type { CalloutRequest } from '../request/callout-request.js';
import type { CalloutSettings } from '../settings.js';
import { type CheckedAdmission, checkedAdmission } from './checked-admission.js';
import { sessionEnd } from './session-end.js';

/** As whom a client comes in, in the terms of a user JWT. */
export interface AcceptedAdmission {
  readonly name: string;
  /** Its name in the options. */
  readonly account: string;
  /** In ms since the epoch: whole seconds, as JWTs have them, rounded down. */
  readonly expiresAt: number;
  /** In ms since the epoch. */
  readonly issuedAt: number;
  /** The account in config mode, where the issuer signs users of all of them. */
  readonly audience?: string;
  /** Signs the user in operator mode. */
  readonly signer?: AccountSigner;
  readonly claims: UserClaims;
}

/**
 * What an authorizer returned, checked.
 * @param now in ms since the epoch.
 * @throws {@link AdmissionInvalidError} it makes no sense.
 * @throws {@link RefusedError} the client must not come in so: it is late, elsewhere, or goes where it may not.
 */
export function acceptedAdmission(
  admission: Admission,
  request: Pick<CalloutRequest, 'client'>,
  settings: Pick<CalloutSettings, 'accounts' | 'maxSession'>,
  now: number,
): AcceptedAdmission {
  const checked = checkedAdmission(admission);
  const account = accountOf(checked, settings.accounts);
  const placement = placementOf(checked, account);
  refuseElsewhere(checked, request);
  return {
    name: checked.name,
    account: account.name,
    expiresAt: sessionEnd(checked.expiresAt, settings.maxSession, now),
    issuedAt: now,
    ...placement,
    claims: {
      type: 'user',
      version: 2,
      ...(checked.tags.length > 0 && { tags: checked.tags }),
      // A scoped key signs users without permissions and limits only: its template has them.
      ...(checked.scope === undefined && { ...checked.permissions, subs: -1, data: -1, payload: -1 }),
    },
  };
}

function accountOf(
  { account }: CheckedAdmission,
  { byName, only }: CalloutSettings['accounts'],
): AllowedAccount {
  const found = account === undefined ? only : byName.get(account);
  if (found) return found;
  if (account === undefined)
    throw new AdmissionInvalidError(
      'account',
      `is missing, and 'callout.accounts' has ${byName.size} of them`,
    );
  throw new RefusedError(`The account ${quoted(account)} is none of 'callout.accounts'.`, {
    reason: 'account',
  });
}

function placementOf(
  { scope }: CheckedAdmission,
  account: AllowedAccount,
): Pick<AcceptedAdmission, 'audience' | 'signer'> {
  if (account.mode === 'config') {
    if (scope === undefined) return { audience: account.name };
    throw new AdmissionInvalidError(
      'scope',
      'is for servers in operator mode, whose accounts have scoped signing keys',
    );
  }
  const signer = scope === undefined ? account.signer : account.scopes.get(scope);
  if (signer) return { signer };
  throw new AdmissionInvalidError('scope', `is none of the scopes of account ${quoted(account.name)}`);
}

/** nats-server does not look at these claims of a user whom a callout admits. */
function refuseElsewhere(
  { allowedSources, connectionTypes }: CheckedAdmission,
  { client }: Pick<CalloutRequest, 'client'>,
): void {
  if (allowedSources && !allowedSources(client.host))
    throw new RefusedError(`A client must not come from ${quoted(client.host)}.`, { reason: 'source' });
  if (connectionTypes && !connectionTypes.includes(client.type))
    throw new RefusedError(`A client must not connect as ${quoted(client.type)}.`, {
      reason: 'connection_type',
    });
}
