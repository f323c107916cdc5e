/** What a promise came to so far, read after `clock.flush()`. */
export interface Watched<T> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: T;
  error?: unknown;
}

export function watch<T>(promise: T | Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending' };
  Promise.resolve(promise).then(
    (value) => Object.assign(watched, { state: 'fulfilled', value }),
    (error: unknown) => Object.assign(watched, { state: 'rejected', error }),
  );
  return watched;
}
