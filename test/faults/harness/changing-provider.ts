import type { UserInfo, UserInfoRequest } from 'nestjs-nats-auth';
import { ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';

/** A scripted provider that tells of newer user info when the test says so, and may need a service for its answers. */
export class ChangingProvider extends ScriptedUserInfoProvider {
  readonly #listeners = new Set<() => void>();
  #endpoint?: string;

  override async getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    if (this.#endpoint) {
      const { ok, status } = await fetch(this.#endpoint, { signal: request.signal });
      if (!ok) throw new Error(`the identity provider answered with ${status}`);
    }
    return super.getUserInfo(request);
  }

  /** From now on it asks a service over HTTP first, as most providers do; `undefined`: not any more. */
  asks(endpoint: string | undefined): void {
    this.#endpoint = endpoint;
  }

  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
