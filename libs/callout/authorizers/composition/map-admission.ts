import type { Admission } from '../../admission.js';
import type { AuthorizeContext, Authorizer } from '../../authorizer.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { checkedAuthorizer, checkedFunction } from '../checks.js';

/**
 * Changes what an authorizer admits clients to, such as its permissions by the name of the user.
 * @param map may throw `RefusedError`.
 * @throws `OptionsInvalidError`
 * @public
 */
export function mapAdmission(
  authorizer: Authorizer,
  map: (
    admission: Admission,
    request: CalloutRequest,
    context: AuthorizeContext,
  ) => Admission | Promise<Admission>,
): Authorizer {
  checkedAuthorizer('mapAdmission', authorizer);
  checkedFunction('mapAdmission.map', map);
  return {
    authorize: async (request, context) =>
      map(await authorizer.authorize(request, context), request, context),
  };
}
