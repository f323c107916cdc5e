import {
  asError,
  describeError,
  describeValue,
  isRetryable,
  OptionsInvalidError,
  retryAfter,
} from '../../base/index.js';
import { UserInfoUnavailableError } from '../../credentials/index.js';

/**
 * Calls a function of the options. What it throws is no fault of the authorization server: the error names the option.
 * @throws {@link OptionsInvalidError} for an error that forbids a retry.
 * @throws {@link UserInfoUnavailableError} for any other, such as that of a vault which is out of reach.
 */
export async function callOption<T>(
  option: string,
  signal: AbortSignal,
  call: () => T | Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = asError(thrown);
    const problem = `the function failed: ${describeError(cause)}`;
    if (!isRetryable(cause)) throw new OptionsInvalidError(option, problem, { cause });
    const error = new UserInfoUnavailableError(`Option '${option}': ${problem}`, { cause });
    throw Object.assign(error, { retryAfterMs: retryAfter(cause) });
  }
}

/**
 * An option that is a text, or a function that gives one.
 * @throws {@link OptionsInvalidError} never quoting the text.
 * @throws {@link UserInfoUnavailableError}
 */
export async function textOf(
  option: string,
  signal: AbortSignal,
  text: string | ((signal: AbortSignal) => string | Promise<string>),
): Promise<string> {
  if (typeof text === 'string') return text;
  const given: unknown = await callOption(option, signal, () => text(signal));
  if (typeof given === 'string' && given.trim() !== '') return given;
  const got = describeValue(given, 'type');
  throw new OptionsInvalidError(option, `the function gave ${got}, expected a string that is not empty.`);
}
