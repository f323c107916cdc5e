import type { UserInfoProvider } from '../provider/user-info-provider.js';

/** Refreshes when the provider tells that there is newer user info. */
export class ChangeWatch {
  #unwatch = () => {};
  #watching?: AbortController;
  #refreshing = false;
  #changedAgain = false;

  constructor(
    private readonly provider: UserInfoProvider,
    private readonly refresh: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  start(): void {
    if (!this.provider.watch) return;
    const { signal } = (this.#watching = new AbortController());
    this.#unwatch = this.provider.watch(() => void this.#run(signal));
  }

  /** Ends the watch and the refresh under way. */
  stop(reason: Error): void {
    this.#unwatch();
    this.#unwatch = () => {};
    this.#watching?.abort(reason);
  }

  /** Changes that come during a refresh are one more refresh, however many they are. */
  async #run(signal: AbortSignal): Promise<void> {
    this.#changedAgain = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    while (this.#changedAgain && !signal.aborted) {
      this.#changedAgain = false;
      // The failure was told by the event of the call; what is in use stays until the provider tells of a change again.
      await this.refresh(signal).catch(() => {});
    }
    this.#refreshing = false;
  }
}
