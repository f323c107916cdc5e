import { asError, NatsAuthError } from './errors.js';
import { scrub } from './scrub.js';

/**
 * A file that credentials come from cannot be used. The message names the path and what to do, and never quotes the
 * content. It may be retried: the file may be about to be written.
 * @public
 */
export class FileUnusableError extends NatsAuthError {
  override name = 'FileUnusableError';

  /** Without what looks like a secret: some give the content of a file where its path is wanted. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super('FILE_UNUSABLE', `File '${path}' ${problem}`, options);
    this.path = scrub(path);
  }
}

/** Explains a file system error to the operator of the service. */
export function fileSystemError(path: string, thrown: unknown): FileUnusableError {
  const cause = asError(thrown);
  const code = 'code' in cause ? String(cause.code) : cause.name;
  // The file system quotes the path.
  const options = scrub(path) === path ? { cause } : {};
  return new FileUnusableError(path, REMEDIES[code] ?? `cannot be read (${code}).`, options);
}

const FORBIDDEN =
  `may not be read by this process: give its user the right to read the file and to enter its folder` +
  ` (in Kubernetes: 'fsGroup', or 'defaultMode' of the volume).`;

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist: mount or write it, or correct the path in the options.',
  ENOTDIR: 'does not exist, because a part of its path is no folder: correct the path in the options.',
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
};
