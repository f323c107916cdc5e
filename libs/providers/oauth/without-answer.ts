import { asError, describeError } from '../../base/index.js';

/**
 * An error of the OAuth library without what it carries: it attaches the answer that it could not use, tokens and all.
 * Errors of others stay as they are.
 */
export function withoutAnswer(thrown: unknown): Error {
  const error = asError(thrown);
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('OAUTH_')) return error;
  return Object.assign(new Error(describeError(error)), { name: error.name, code });
}
