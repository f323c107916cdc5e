import type { UserInfo, UserInfoProvider, UserInfoRequest } from '../../credentials/index.js';

/**
 * A provider that is one function.
 * @public
 */
export function fromAsync(
  getUserInfo: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>,
): UserInfoProvider {
  return { getUserInfo: async (request) => getUserInfo(request) };
}
