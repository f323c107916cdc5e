import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  count,
  duration,
  flag,
  knownKeys,
  number,
} from '../../base/index.js';

/**
 * When and how a provider is called. All durations are in ms.
 * @public
 */
export interface RefreshOptions {
  /** How long one provider call may take. After that its `signal` aborts, and the call counts as failed. Default: 5,000. */
  timeout?: number;
  /** What happens after a provider failure. */
  retry?: RetryOptions;
  /**
   * Presents user info again, without a call, while it is known to stay valid for longer than this. User info that the
   * server has rejected is not reused, whatever its expiry. Default: false, one call for each establishment; dials that fail before a
   * server has received what the call gave belong to one establishment.
   */
  reuse?: number | false;
  /** Refreshes before the user info expires. `false` turns that off. Default: on. */
  ahead?: AheadOptions | false;
  /**
   * Gives each role user info of its own, for a provider that chooses by `request.role`: nothing is shared between them, and each call
   * names the role that it is for. Default: false, all present the same.
   */
  perRole?: boolean;
}

/**
 * How often, and how soon, a provider is called again after a failure.
 * @public
 */
export interface RetryOptions extends BackoffOptions {
  /**
   * Calls before the first connect fails, and before `NatsAuthService.refresh()` or `rotate()` does; 1 or more, or Infinity.
   * Default: 5.
   */
  maxAttempts?: number;
  /**
   * Calls before a later establishment fails; 1 or more, or Infinity. The next one goes on with the backoff. Default: Infinity, the service
   * waits for its provider.
   */
  maxAttemptsAfterConnect?: number;
}

/**
 * When user info is refreshed before it expires.
 * @public
 */
export interface AheadOptions {
  /** After which fraction of the remaining lifetime; above 0 and below 1. Default: 0.8. */
  fraction?: number;
  /**
   * How far the fraction is moved at random to either side, so that the instances of a service do not refresh together. At
   * most the distance from `fraction` to 0 or 1. Default: 0.1, or half of that distance if this is less.
   */
  jitter?: number;
}

/** `RefreshOptions` with the defaults filled in. */
export interface RefreshSettings {
  readonly timeout: number;
  readonly retry: Backoff & { readonly maxAttempts: number; readonly maxAttemptsAfterConnect: number };
  readonly reuse: number | false;
  readonly ahead: Required<AheadOptions> | false;
  readonly perRole: boolean;
}

/**
 * Checks the options and fills in the defaults.
 * @throws {@link OptionsInvalidError}
 */
export function refreshSettings(options: RefreshOptions = {}): RefreshSettings {
  knownKeys('refresh', options, ['timeout', 'retry', 'reuse', 'ahead', 'perRole']);
  const { retry = {}, reuse = false, ahead = {}, perRole = false } = options;
  knownKeys('refresh.retry', retry, [
    'initialDelay',
    'maxDelay',
    'factor',
    'maxAttempts',
    'maxAttemptsAfterConnect',
  ]);
  return {
    timeout: duration('refresh.timeout', options.timeout ?? 5_000, 1),
    retry: {
      ...backoffSettings('refresh.retry', retry, 250),
      maxAttempts: count('refresh.retry.maxAttempts', retry.maxAttempts ?? 5),
      maxAttemptsAfterConnect: count(
        'refresh.retry.maxAttemptsAfterConnect',
        retry.maxAttemptsAfterConnect ?? Infinity,
      ),
    },
    reuse: reuse === false ? false : duration('refresh.reuse', reuse, 0),
    ahead: ahead === false ? false : aheadSettings(ahead),
    perRole: flag('refresh.perRole', perRole),
  };
}

function aheadSettings(options: AheadOptions): Required<AheadOptions> {
  knownKeys('refresh.ahead', options, ['fraction', 'jitter']);
  const fraction = number(
    'refresh.ahead.fraction',
    options.fraction ?? 0.8,
    Number.EPSILON,
    1 - Number.EPSILON,
    'a number above 0 and below 1',
  );
  // Rounded, because 1 - 0.8 is a little less than 0.2.
  const room = Number(Math.min(fraction, 1 - fraction).toFixed(6));
  const jitter = options.jitter ?? Math.min(0.1, room / 2);
  number(
    'refresh.ahead.jitter',
    jitter,
    0,
    room,
    `a number from 0 to ${room}, so that fraction ± jitter stays between 0 and 1`,
  );
  return { fraction, jitter };
}
