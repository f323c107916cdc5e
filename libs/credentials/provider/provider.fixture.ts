import type { UserInfo } from '../user-info/user-info.js';
import type { UserInfoProvider, UserInfoRequest } from './user-info-provider.js';

/** A request as a source makes it. */
export function requestWith(signal: AbortSignal = new AbortController().signal): UserInfoRequest {
  return { connection: 'orders', role: 'server', reason: 'connect', attempt: 1, signal };
}

/** One provider call, answered by the test. */
export interface Call {
  readonly request: UserInfoRequest;
  readonly answer: (userInfo: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A provider that remembers its calls and leaves each open until the test answers it. */
export class OpenProvider implements UserInfoProvider {
  readonly calls: Call[] = [];

  getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    return new Promise((resolve, reject) => {
      this.calls.push({ request, answer: (userInfo) => resolve(userInfo as UserInfo), fail: reject });
    });
  }

  /** The call made last. */
  get call(): Call {
    const call = this.calls.at(-1);
    if (!call) throw new Error('The provider was not called.');
    return call;
  }
}
