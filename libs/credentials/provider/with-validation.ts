import { validateUserInfo } from '../user-info/validate.js';
import { derived } from './derived.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * Turns rubbish that a provider returns into a failure of the call.
 * @throws {@link UserInfoInvalidError}
 */
export function withValidation(provider: UserInfoProvider): UserInfoProvider {
  return derived(provider, async (request) => validateUserInfo(await provider.getUserInfo(request)));
}
