import { readFileSync, statSync } from 'node:fs';

import {
  asError,
  type Clock,
  describeError,
  fileSystemError,
  FileUnusableError,
} from '../../../base/index.js';
import { userTable, type UserTable } from './static-users.js';

/** When a file of users is read. */
export interface UsersFileSettings {
  /** A path. */
  readonly path: string;
  /** Looks whether the file has changed at most once in so many ms. */
  readonly pollInterval: number;
  /** Hears why the file cannot be used. */
  readonly onProblem: (error: Error) => void;
  readonly clock: Clock;
}

/** No list of users is larger, in bytes; a device or a wrong path may be. */
const LARGEST_FILE = 16 * 1024 * 1024;

/** Users of a file that is replaced. While it is broken or away, those that it had before are known still. */
export class UsersFile {
  readonly #settings: UsersFileSettings;
  #table: UserTable;
  /** Of the file that was read last, whether it was of use or not. */
  #version: string;
  #lookedAt: number;

  /** @throws {@link FileUnusableError} there is no such file, or it holds no users. */
  constructor(settings: UsersFileSettings) {
    this.#settings = settings;
    this.#lookedAt = settings.clock.elapsed();
    this.#version = versionOf(settings.path);
    this.#table = read(settings.path);
  }

  /** Looks at the file only when somebody wants to come in, so that there is nothing to end. */
  get table(): UserTable {
    const { clock, pollInterval } = this.#settings;
    if (clock.elapsed() - this.#lookedAt >= pollInterval) {
      this.#lookedAt = clock.elapsed();
      this.#look();
    }
    return this.#table;
  }

  #look(): void {
    const { path, onProblem } = this.#settings;
    let version = 'away';
    try {
      version = versionOf(path);
      if (version !== this.#version) this.#table = read(path);
    } catch (thrown) {
      // Told once for each state of the file.
      if (version !== this.#version) onProblem(asError(thrown));
    }
    this.#version = version;
  }
}

/** Changes with every write and every replacement; symbolic links are followed. */
function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [dev, ino, size, mtimeMs, ctimeMs].join();
  } catch (error) {
    throw fileSystemError(path, error);
  }
}

function read(path: string): UserTable {
  const json = parsed(path, textOf(path));
  try {
    return userTable('users', Array.isArray(json) ? json : (json as { users?: unknown } | null)?.users);
  } catch (cause) {
    throw new FileUnusableError(path, `does not hold users: ${describeError(cause)}`, { cause });
  }
}

function textOf(path: string): string {
  try {
    const status = statSync(path);
    // Reading a pipe would wait for ever.
    if (status.isFile() && status.size <= LARGEST_FILE) return readFileSync(path, 'utf8');
  } catch (error) {
    throw fileSystemError(path, error);
  }
  throw new FileUnusableError(
    path,
    'is no regular file, or too large for a list of users: correct the path.',
  );
}

/** What `JSON.parse()` throws quotes the file. */
function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FileUnusableError(
      path,
      'is no JSON: write it as a whole, and put it in the place of the other at once.',
    );
  }
}
