import type { RefreshReason, UserInfo, UserInfoProvider, UserInfoRequest } from '../../credentials/index.js';

/** A request as a source makes it. */
export function requestFor(
  reason: RefreshReason = 'connect',
  signal: AbortSignal = new AbortController().signal,
): UserInfoRequest {
  return { connection: 'orders', role: 'server', reason, attempt: 1, signal };
}

/** Gives what it is told to, call after call, and tells of changes when the test says so. */
export class ListedProvider implements UserInfoProvider {
  readonly requests: UserInfoRequest[] = [];
  readonly listeners = new Set<() => void>();
  readonly #results: readonly (UserInfo | Error)[];

  /** @param results of the calls in their order; the last one is repeated. */
  constructor(...results: readonly (UserInfo | Error)[]) {
    this.#results = results;
  }

  getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    const result = this.#results[Math.min(this.requests.length, this.#results.length - 1)];
    this.requests.push(request);
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result ?? {});
  }

  watch(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  change(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
