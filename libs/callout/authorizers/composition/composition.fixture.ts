import type { Admission } from '../../admission.js';
import type { AuthorizeContext, Authorizer } from '../../authorizer.js';
import type { CalloutRequest } from '../../request/callout-request.js';

/** An authorizer that counts its calls. */
export function counting(
  decide: (request: CalloutRequest, context: AuthorizeContext) => Admission | Promise<Admission>,
) {
  const calls: CalloutRequest[] = [];
  const authorizer: Authorizer = {
    authorize: (request, context) => {
      calls.push(request);
      return decide(request, context);
    },
  };
  return { ...authorizer, calls };
}
