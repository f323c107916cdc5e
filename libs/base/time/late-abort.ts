/** An abort controller whose signal is made when somebody looks at it: most work ends before anybody does. */
export class LateAbort {
  #controller?: AbortController;
  #reason?: Error;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Later calls change nothing. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** @throws the reason of the abort. */
  throwIfAborted(): void {
    if (this.#reason) throw this.#reason;
  }
}
