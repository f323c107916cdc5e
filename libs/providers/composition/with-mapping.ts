import {
  checkFunction,
  derived,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from '../../credentials/index.js';

/**
 * Changes what a provider gives, such as its token into a password for a certain user.
 * @throws `OptionsInvalidError`
 * @public
 */
export function withMapping(
  provider: UserInfoProvider,
  map: (userInfo: UserInfo, request: UserInfoRequest) => UserInfo | Promise<UserInfo>,
): UserInfoProvider {
  checkFunction('withMapping.map', map);
  return derived(provider, async (request) => map(await provider.getUserInfo(request), request));
}
