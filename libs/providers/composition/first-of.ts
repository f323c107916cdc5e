import { asError, describeError, isRetryable, OptionsInvalidError, retryAfter } from '../../base/index.js';
import { checkProvider, type UserInfoProvider, withValidation } from '../../credentials/index.js';

/**
 * Asks the providers in their order until one gives user info, such as a token service with a file to fall back on. When all
 * fail, the error is an `AggregateError` with each failure; it is retryable if one of them is. A change that any of the
 * providers reports is passed on.
 * @throws `OptionsInvalidError` without a provider, or with something that is none.
 * @public
 */
export function firstOf(...providers: readonly UserInfoProvider[]): UserInfoProvider {
  if (providers.length === 0) throw new OptionsInvalidError('firstOf', 'needs at least one provider.');
  providers.forEach((provider, i) => checkProvider(`firstOf[${i}]`, provider));
  const valid = providers.map(withValidation);
  const watched = providers.filter((provider) => provider.watch !== undefined);
  return {
    getUserInfo: async (request) => {
      const errors: Error[] = [];
      for (const provider of valid) {
        try {
          return await provider.getUserInfo(request);
        } catch (thrown) {
          request.signal.throwIfAborted();
          errors.push(asError(thrown));
        }
      }
      throw allFailed(errors);
    },
    ...(watched.length > 0 && {
      watch: (changed: () => void) => watchAll(watched, changed),
    }),
  };
}

/** Watches all of them, or, when one throws, none. */
function watchAll(providers: readonly UserInfoProvider[], changed: () => void): () => void {
  const ends: ((() => void) | undefined)[] = [];
  const endAll = () => ends.forEach((end) => end?.());
  try {
    for (const provider of providers) ends.push(provider.watch?.(changed));
  } catch (error) {
    endAll();
    throw error;
  }
  return endAll;
}

function allFailed(errors: readonly Error[]): Error {
  const each = errors.map((error, i) => `${i + 1}. ${describeError(error)}`);
  const error = new AggregateError(errors, `All ${errors.length} providers failed: ${each.join('; ')}`);
  // The next call asks all of them: it makes sense as soon as it does for one.
  const waits = errors.filter(isRetryable).map(retryAfter);
  return Object.assign(error, {
    retryable: waits.length > 0,
    retryAfterMs: waits.length > 0 ? Math.min(...waits) : 0,
  });
}
