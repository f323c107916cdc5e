import { ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';

/** A scripted provider that tells of newer user info when the test says so. */
export class ChangingProvider extends ScriptedUserInfoProvider {
  readonly #listeners = new Set<() => void>();

  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
