import { answerWith, userJwt } from '../answer/answer.js';
import type { CalloutFailure } from '../events.js';
import type { VerifiedRequest } from '../request/verify-request.js';
import { type Decision, failed, messageOf, type Rejection } from './decision.js';

/** A decision as the server reads it. */
export interface Answer {
  readonly decision: Decision;
  /** Absent where nothing could be signed. */
  readonly data?: Uint8Array;
}

/** What the server's log says of a failure. What went wrong inside is for the log of the callout. */
const FAILURES: Readonly<Record<CalloutFailure, string>> = {
  error: 'the authorizer failed',
  timeout: 'the authorizer took too long',
  invalid: 'the authorizer gave no valid admission',
  signing: 'the answer could not be signed',
  answer: 'the answer could not be sent',
};

/**
 * Signs the answer. If that fails, the client is refused: with another key it may be possible to say so. It never rejects.
 * @param now by the wall clock, in ms.
 */
export async function signedAnswer(
  decision: Decision,
  verified: VerifiedRequest,
  now: number,
): Promise<Answer> {
  try {
    return { decision, data: await sealedAnswer(decision, verified, now) };
  } catch (error) {
    if (decision.is === 'failed') return { decision };
    const failure = failed('signing', error);
    if (decision.is === 'refused') return { decision: failure };
    return { ...(await signedAnswer(failure, verified, now)), decision: failure };
  }
}

async function sealedAnswer(decision: Decision, verified: VerifiedRequest, now: number): Promise<Uint8Array> {
  const { request, issuer, seal } = verified;
  const { userNkey, server } = request;
  const said =
    decision.is === 'admitted'
      ? { jwt: await userJwt(decision.admission, userNkey, issuer) }
      : { error: reasonOf(decision) };
  const answer = await answerWith(said, { userNkey, serverId: server.id }, issuer, now);
  return seal ? seal(answer) : answer;
}

function reasonOf(decision: Rejection): string {
  return decision.is === 'failed' ? FAILURES[decision.cause] : messageOf(decision.error);
}
