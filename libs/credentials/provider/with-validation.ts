import { validateUserInfo } from '../user-info/validate.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * Turns rubbish that a provider returns into a failure of the call.
 * @throws {@link UserInfoInvalidError}
 */
export function withValidation(provider: UserInfoProvider): UserInfoProvider {
  return { getUserInfo: async (request) => validateUserInfo(await provider.getUserInfo(request)) };
}
