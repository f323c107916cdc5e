import type { UserInfo, UserInfoProvider, UserInfoRequest } from '../credentials/index.js';

type Step = (request: UserInfoRequest) => UserInfo | Promise<UserInfo>;

/**
 * A `UserInfoProvider` for tests. It plays a script of results, failures and delays, then gives its default. `calls` has
 * what it was asked.
 *
 * ```ts
 * const provider = new ScriptedUserInfoProvider({ user: 'svc', pass: 'first' });
 * provider.thenFails(new Error('IAM is down'), 2).thenReturns({ user: 'svc', pass: 'second' });
 * ```
 * @public
 */
export class ScriptedUserInfoProvider implements UserInfoProvider {
  /** Every call so far, oldest first. */
  readonly calls: UserInfoRequest[] = [];
  readonly #script: Step[] = [];

  /** @param always what a call returns that no script is left for; change it with `setDefault()`. */
  constructor(private always: UserInfo) {}

  getUserInfo(request: UserInfoRequest): UserInfo | Promise<UserInfo> {
    this.calls.push(request);
    const step = this.#script.shift();
    return step ? step(request) : this.always;
  }

  /** Changes what a call returns that no script is left for. */
  setDefault(userInfo: UserInfo): this {
    this.always = userInfo;
    return this;
  }

  /** The next `times` calls return this. */
  thenReturns(userInfo: UserInfo, times = 1): this {
    return this.#then(times, () => userInfo);
  }

  /** The next `times` calls reject with this. */
  thenFails(error: Error, times = 1): this {
    return this.#then(times, () => Promise.reject(error));
  }

  /** The next `times` calls return after `delayMs`, or reject when their signal aborts. */
  thenDelays(delayMs: number, userInfo: UserInfo, times = 1): this {
    return this.#then(times, ({ signal }) =>
      until(signal, (resolve) => setTimeout(() => resolve(userInfo), delayMs)),
    );
  }

  /** The next `times` calls settle only when their signal aborts. */
  thenHangs(times = 1): this {
    return this.#then(times, ({ signal }) => until(signal, () => undefined));
  }

  #then(times: number, step: Step): this {
    this.#script.push(...Array<Step>(times).fill(step));
    return this;
  }
}

function until(
  signal: AbortSignal,
  start: (resolve: (userInfo: UserInfo) => void) => NodeJS.Timeout | undefined,
): Promise<UserInfo> {
  return new Promise((resolve, reject) => {
    const timer = start(resolve);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
