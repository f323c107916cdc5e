import { OptionsInvalidError } from '../../../base/index.js';
import type { Authorizer } from '../../authorizer.js';
import { type RefusalReason, RefusedError } from '../../errors.js';
import { checkedAuthorizer } from '../checks.js';

/** By these an authorizer says that a client is none of its own. */
const TRIES_NEXT: readonly RefusalReason[] = ['unknown', 'credentials'];

/**
 * Asks authorizers in their order until one admits the client, such as tokens first and then users with passwords. One that refuses it as
 * `unknown` or for its `credentials` leaves it to the next. Any other refusal is final, such as `expired`, and so is a failure: whom the next
 * one would admit, it might have refused.
 * @throws `OptionsInvalidError` without an authorizer, or with something that is none.
 * @public
 */
export function firstAuthorizer(...authorizers: readonly Authorizer[]): Authorizer {
  if (authorizers.length === 0)
    throw new OptionsInvalidError('firstAuthorizer', 'needs at least one authorizer.');
  authorizers.forEach((authorizer, i) => checkedAuthorizer(`firstAuthorizer[${i}]`, authorizer));
  return {
    authorize: async (request, context) => {
      const refusals: RefusedError[] = [];
      for (const authorizer of authorizers) {
        context.signal.throwIfAborted();
        try {
          return await authorizer.authorize(request, context);
        } catch (thrown) {
          if (!(thrown instanceof RefusedError) || !TRIES_NEXT.includes(thrown.reason)) throw thrown;
          refusals.push(thrown);
        }
      }
      throw refusedByAll(refusals);
    },
  };
}

/** One who knew the client and found its credentials wrong says more than those who did not know it. */
function refusedByAll(refusals: readonly RefusedError[]): RefusedError {
  const reason = refusals.some((refusal) => refusal.reason === 'credentials') ? 'credentials' : 'unknown';
  return new RefusedError(refusals.map(({ message }) => message).join(' '), { reason });
}
