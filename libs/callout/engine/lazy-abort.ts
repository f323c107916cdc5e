/** An AbortController that is made when its signal is asked for: most authorizers never do. */
export class LazyAbort {
  #controller?: AbortController;
  #aborted?: { readonly reason: Error };

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
