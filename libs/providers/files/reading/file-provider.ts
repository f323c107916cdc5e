import { createHash } from 'node:crypto';

import { type Clock, coalesced, FileUnusableError, systemClock } from '../../../base/index.js';
import {
  type UserInfo,
  UserInfoInvalidError,
  type UserInfoProvider,
  type UserInfoRequest,
  validateUserInfo,
} from '../../../credentials/index.js';
import type { FileSettings } from './file-options.js';
import { checkPermissions } from './permissions.js';
import { readFiles } from './read-files.js';
import { watchFolders } from './watch-folders.js';

/** A file that user info is made of. */
export interface SourceFile {
  readonly path: string;
  /** Whether its content is to be kept from others. */
  readonly secret: boolean;
}

/**
 * Reads user info from files, and reports when they hold other user info than before: what the providers of files have in common.
 * @public
 */
export abstract class FileProvider implements UserInfoProvider {
  readonly #files: readonly SourceFile[];
  readonly #settings: FileSettings;
  readonly #warned = new Set<string>();
  /** Fingerprint of what was given last. */
  #given?: string;

  /** @internal */
  protected constructor(files: readonly SourceFile[], settings: FileSettings) {
    this.#files = files;
    this.#settings = settings;
  }

  /**
   * Reads the files.
   * @throws {@link FileUnusableError} when one of them is missing, not readable, not complete or not allowed.
   */
  async getUserInfo({ signal }: Pick<UserInfoRequest, 'signal'>): Promise<UserInfo> {
    const userInfo = await this.#read(systemClock, signal);
    this.#given = fingerprintOf(userInfo);
    return userInfo;
  }

  /** Calls `changed` once for each replacement that is complete and holds other user info. */
  watch(changed: () => void): () => void {
    const { pollInterval } = this.#settings;
    const watching = new AbortController();
    let seen = this.#given;
    const compare = async () => {
      const found = fingerprintOf(await this.#read(backgroundClock, watching.signal));
      const isNews = seen !== undefined && found !== seen;
      if (watching.signal.aborted) return;
      seen = found;
      if (isNews) changed();
    };
    const look = coalesced(async () => {
      if (watching.signal.aborted) return;
      // Half-written or gone for a moment: the event of its completion, or the poll, looks again.
      await compare().catch(() => {});
    });
    const end = watchFolders(this.#paths, pollInterval, look);
    // Files may have been replaced between the connect and this watch.
    look();
    return () => {
      watching.abort();
      end();
    };
  }

  /**
   * Makes user info of the files' texts, which are in the order of the files.
   * @internal
   */
  protected abstract userInfoOf(texts: readonly string[]): UserInfo;

  get #paths(): string[] {
    return this.#files.map(({ path }) => path);
  }

  async #read(clock: Clock, signal: AbortSignal): Promise<UserInfo> {
    const { permissions, settle } = this.#settings;
    const texts = await readFiles(this.#paths, { settle, clock, signal });
    for (const { path } of this.#files.filter(({ secret }) => secret)) {
      await checkPermissions(path, permissions, (message) => this.#warn(path, message));
    }
    return this.userInfoOf(texts);
  }

  #warn(path: string, message: string): void {
    if (this.#warned.has(path)) return;
    this.#warned.add(path);
    this.#settings.onWarning(message);
  }
}

/**
 * Checks user info that was made of a file.
 * @param expected what the file should hold, for the error.
 * @throws {@link FileUnusableError}
 */
export function checkedContent(userInfo: UserInfo, path: string, expected: string): UserInfo {
  try {
    return validateUserInfo(userInfo);
  } catch (error) {
    // Its words tell the size of what was found, and never the content.
    if (error instanceof UserInfoInvalidError) throw incomplete(path, expected, error);
    throw error;
  }
}

/** The error for a file whose content is not what it should be, or not all of it. */
export function incomplete(path: string, expected: string, cause?: Error): FileUnusableError {
  const problem = `does not hold ${expected}: write it as a whole, or correct the path in the options.`;
  return new FileUnusableError(path, problem, { cause });
}

/** Stands for user info where it is only compared, so that it is not kept. */
function fingerprintOf(userInfo: UserInfo): string {
  return createHash('sha256').update(JSON.stringify(userInfo)).digest('base64');
}

/** A watch must not keep the process alive, not even while it waits for a file to settle. */
const backgroundClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
