import type { UserInfo } from '../user-info/user-info.js';
import type { UserInfoProvider, UserInfoRequest } from './user-info-provider.js';

/** What the provider answers; one that throws is one that rejects. */
export function called(provider: UserInfoProvider, request: UserInfoRequest): UserInfo | Promise<UserInfo> {
  try {
    return provider.getUserInfo(request);
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- As it was thrown.
    return Promise.reject(error);
  }
}
