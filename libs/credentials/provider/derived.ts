import type { UserInfoProvider } from './user-info-provider.js';

/** A provider that is made of another: it tells of the same changes. */
export function derived(
  provider: UserInfoProvider,
  getUserInfo: UserInfoProvider['getUserInfo'],
): UserInfoProvider {
  return provider.watch ? { getUserInfo, watch: provider.watch.bind(provider) } : { getUserInfo };
}
