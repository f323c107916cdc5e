import {
  checkFunction,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from '../../credentials/index.js';

/**
 * A provider that is one function.
 * @throws `OptionsInvalidError`
 * @public
 */
export function fromAsync(
  getUserInfo: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>,
): UserInfoProvider {
  checkFunction('fromAsync', getUserInfo);
  return { getUserInfo: async (request) => getUserInfo(request) };
}
