import { asError, describeError, withCauses } from '../../base/index.js';
import { acceptedAdmission, type AcceptedAdmission } from '../acceptance/accepted-admission.js';
import type { Admission } from '../admission.js';
import type { Authorizer } from '../authorizer.js';
import { REFUSAL_REASONS, RefusedError, type RefusalReason } from '../errors.js';
import type { CalloutFailure } from '../events.js';
import type { CalloutRequest } from '../request/callout-request.js';
import { type Presented, secretsIn, withoutSecrets } from '../request/received-credentials.js';
import type { CalloutSettings } from '../settings.js';

/** What becomes of a client. */
export type Decision = { readonly is: 'admitted'; readonly admission: AcceptedAdmission } | Rejection;

export type Rejection =
  | { readonly is: 'refused'; readonly reason: RefusalReason; readonly error: Error }
  | { readonly is: 'failed'; readonly cause: CalloutFailure; readonly error: Error };

export interface Judges {
  readonly authorizer: Authorizer;
  readonly settings: CalloutSettings;
  readonly revoked: ReadonlySet<string>;
  /** By the wall clock, in ms. */
  readonly now: () => number;
}

/** What the authorizer, and then the rules of the options, make of a request. It never rejects; it may never end. */
export async function decide(
  request: CalloutRequest,
  abort: { readonly signal: AbortSignal },
  { authorizer, settings, revoked, now }: Judges,
): Promise<Decision> {
  const known = whoIsRevoked(request, revoked);
  if (known !== undefined) return refusedAsRevoked(known);
  let given: Admission;
  try {
    given = await authorizer.authorize(request, {
      get signal() {
        return abort.signal;
      },
    });
  } catch (thrown) {
    return decisionOf(thrown, 'error');
  }
  try {
    const admission = acceptedAdmission(given, request, settings, now());
    // It may have been revoked while the authorizer thought about it.
    return revoked.has(admission.name) ? refusedAsRevoked(admission.name) : { is: 'admitted', admission };
  } catch (thrown) {
    return decisionOf(thrown, 'invalid');
  }
}

export function refused(reason: RefusalReason, message: string): Rejection {
  return { is: 'refused', reason, error: new RefusedError(message, { reason }) };
}

/** An error of the application may throw at whoever looks at it. */
export function messageOf(error: Error): string {
  try {
    const { message } = error as { readonly message: unknown };
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

export function failed(cause: CalloutFailure, thrown: unknown): Rejection {
  return { is: 'failed', cause, error: asError(thrown) };
}

/** The same, with no word in its error that the client has presented as a secret. */
export function tellable(decision: Decision, presented: Presented): Decision {
  if (decision.is === 'admitted') return decision;
  const secrets = secretsIn(presented);
  const isTold = (error: Error) => secrets.some((secret) => messageOf(error).includes(secret));
  if (!withCauses(decision.error).some(isTold)) return decision;
  const text = withoutSecrets(describeError(decision.error), secrets);
  return decision.is === 'refused'
    ? refused(decision.reason, text)
    : { ...decision, error: Object.assign(new Error(text), { name: decision.error.name }) };
}

function refusedAsRevoked(who: string): Rejection {
  return refused('revoked', `'${who}' is revoked.`);
}

function whoIsRevoked({ credentials }: CalloutRequest, revoked: ReadonlySet<string>): string | undefined {
  if (revoked.size === 0) return undefined;
  const { user, nkey, jwt } = credentials;
  return [user, nkey?.publicKey, jwt?.subject].find((who) => who !== undefined && revoked.has(who));
}

/** By its code: the authorizer may have another copy of this package. */
function decisionOf(thrown: unknown, otherwise: CalloutFailure): Rejection {
  const error = asError(thrown);
  if ((error as { code?: unknown }).code !== 'REFUSED') return failed(otherwise, error);
  const reason = (error as { reason?: unknown }).reason as RefusalReason;
  return { is: 'refused', reason: REFUSAL_REASONS.includes(reason) ? reason : 'credentials', error };
}
