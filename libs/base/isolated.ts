import { isThenable } from './is-thenable.js';

/** Calls something of the application. What it throws, or rejects with, is told to `onError` and goes no further. */
export function isolated<T>(call: () => T, onError: (error: unknown) => void): T | undefined {
  try {
    const returned = call();
    // An async function passes for one that returns nothing; its rejection would end the process.
    if (isThenable(returned)) returned.then(undefined, onError);
    return returned;
  } catch (error) {
    onError(error);
    return undefined;
  }
}
