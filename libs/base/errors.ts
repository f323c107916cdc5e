import { types } from 'node:util';

import { scrub } from './scrub.js';

/** The stable codes of every error this package throws. */
export type NatsAuthErrorCode =
  | 'OPTIONS_INVALID'
  | 'USER_INFO_INVALID'
  | 'USER_INFO_UNAVAILABLE'
  | 'USER_INFO_TIMEOUT'
  | 'USER_INFO_NOT_NEWER'
  | 'REJECTED'
  | 'CONNECT_REFUSED'
  | 'TLS_UNAVAILABLE'
  | 'SERVER_UNREACHABLE'
  | 'PUBLISH_REFUSED'
  | 'SUBSCRIPTION_REFUSED'
  | 'DISCONNECTED'
  | 'SUBJECT_INVALID'
  | 'PACKAGE_MISSING'
  | 'DRIVER_MISMATCH'
  | 'DRIVER_MISSING'
  | 'DRIVER_UNSUPPORTED'
  | 'ROTATION_FAILED'
  | 'FILE_UNUSABLE'
  | 'SIGNING_FAILED'
  | 'REFUSED'
  | 'REQUEST_INVALID'
  | 'AUTHORIZER_TIMEOUT'
  | 'ADMISSION_INVALID'
  | 'KEYS_UNAVAILABLE'
  | 'ANSWER_REFUSED'
  | 'SYSTEM_ACCOUNT'
  | 'CLOSED';

/**
 * Base of every error this package throws. `code` is stable across releases; `cause` keeps what lies underneath. No
 * message holds what looks like a secret, whatever it quotes: an option, a path, a URL.
 * @public
 */
export class NatsAuthError extends Error {
  constructor(
    /** What kind of error it is; stable between versions. */
    readonly code: NatsAuthErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(scrub(message), options);
    // A minifier renames classes: those of this package name themselves.
    this.name = new.target === NatsAuthError ? 'NatsAuthError' : new.target.name;
  }
}

/**
 * An option makes no sense. The message names the option, what it got and what it accepts.
 * @public
 */
export class OptionsInvalidError extends NatsAuthError {
  override name = 'OptionsInvalidError';
  /** An option that is a function is asked in each call: what it gives now, it would give again. */
  readonly retryable = false;
  /** The option, such as `refresh.timeout`, without what looks like a secret: the name of one that nobody knows may be anything. */
  readonly option: string;

  constructor(option: string, problem: string, options?: ErrorOptions) {
    super('OPTIONS_INVALID', `Option '${option}': ${problem}`, options);
    this.option = scrub(option);
  }
}

/**
 * A package that one feature needs is not installed: it is a peer dependency that others can do without.
 * @public
 */
export class PackageMissingError extends NatsAuthError {
  override name = 'PackageMissingError';
  /** It is not going to be installed while the process runs. */
  readonly retryable = false;

  constructor(feature: string, packageName: string, cause: unknown) {
    super(
      'PACKAGE_MISSING',
      `${feature} needs the package '${packageName}': run \`npm install ${packageName}\`.`,
      { cause },
    );
  }
}

/**
 * What was asked for belongs to something that is closed, or was closed while it was under way.
 * @public
 */
export class ClosedError extends NatsAuthError {
  override name = 'ClosedError';

  constructor(what: string) {
    super('CLOSED', `${what} is closed.`);
  }
}

/**
 * Whatever was thrown, as an error; what is no error has its text, scrubbed. What lies underneath it is kept, and what it says on retries.
 */
export function asError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  const error = new Error(scrub(textOf(thrown)));
  return Object.assign(error, marksOf(thrown));
}

/** False only for what carries `retryable: false`. */
export function isRetryable(thrown: unknown): boolean {
  return !(
    typeof thrown === 'object' &&
    thrown !== null &&
    'retryable' in thrown &&
    thrown.retryable === false
  );
}

/** The longest wait that an error can ask for: a provider whose clock is wrong must not silence a service. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** How long an error asks to wait before the next call: its `retryAfterMs`, up to five minutes. */
export function retryAfter(error: Error): number {
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  if (typeof retryAfterMs !== 'number' || !(retryAfterMs > 0)) return 0;
  return Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
}

/** A proxy may throw when it is asked. */
function isError(thrown: unknown): thrown is Error {
  try {
    // Node's own errors are of another realm than a Jest test's: `instanceof` alone does not know them.
    return thrown instanceof Error || types.isNativeError(thrown);
  } catch {
    return false;
  }
}

/** The message of what was thrown and says nothing. */
export const NO_TEXT = 'something that has no text was thrown';

function textOf(thrown: unknown): string {
  try {
    const { message } = (thrown ?? {}) as { message?: unknown };
    const text = typeof message === 'string' && message !== '' ? message : String(thrown);
    return /^\[object \w+\]$/.test(text) ? NO_TEXT : text;
  } catch {
    return NO_TEXT;
  }
}

/** What an object that is no error has in common with one. */
function marksOf(thrown: unknown): object {
  if (typeof thrown !== 'object' || thrown === null) return {};
  try {
    const { code, cause, retryAfterMs, retryable } = thrown as Record<string, unknown>;
    const marks = { code, cause, retryAfterMs, retryable: retryable === false ? false : undefined };
    return Object.fromEntries(Object.entries(marks).filter(([, mark]) => mark !== undefined));
  } catch {
    return {};
  }
}
