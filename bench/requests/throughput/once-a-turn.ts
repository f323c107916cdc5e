/** One call for all who ask in the same turn of the event loop: it is made when they have. */
export function onceATurn(act: () => Promise<void>): () => Promise<void> {
  let shared: Promise<void> | undefined;
  return () =>
    (shared ??= Promise.resolve().then(() => {
      shared = undefined;
      return act();
    }));
}
