import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished, vi } from 'vitest';

import { createOperatorMode } from '../../../test/support/operator-mode.js';
import type { UserInfoProvider } from '../../credentials/index.js';

/** Options for files of a test: they settle soon, and others may read them. */
export const QUICK = { settle: 20, permissions: 'ignore' } as const;

/** A folder that goes with the test. */
export class TestFolder {
  #replacements = 0;

  private constructor(readonly path: string) {}

  static async make(): Promise<TestFolder> {
    const path = await mkdtemp(join(tmpdir(), 'nats-files-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    return new TestFolder(path);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes in place, as a careless writer does; a second call for the same file appends with `flag: 'a'`. */
  async write(name: string, text: string, options: { mode?: number; flag?: 'a' } = {}): Promise<string> {
    const { mode = 0o600, flag } = options;
    await writeFile(this.file(name), text, { mode, flag });
    await chmod(this.file(name), mode);
    return this.file(name);
  }

  /** Replaces a file as a whole. */
  async replace(name: string, text: string): Promise<string> {
    const temporary = await this.write(`.${name}-${++this.#replacements}`, text);
    await rename(temporary, this.file(name));
    return this.file(name);
  }

  /** Writes the files as Kubernetes does: into a folder of their own, which the link `..data` then points to. */
  async mount(files: Readonly<Record<string, string>>): Promise<void> {
    const version = `..2030_01_01_00_00_00.${++this.#replacements}`;
    await mkdir(this.file(version));
    for (const [name, text] of Object.entries(files)) {
      await this.write(join(version, name), text, { mode: 0o644 });
      await symlink(join('..data', name), this.file(name)).catch(() => {});
    }
    await symlink(version, this.file('..data_tmp'));
    await rename(this.file('..data_tmp'), this.file('..data'));
  }
}

/** User JWTs of one account, with their seeds. */
export async function mintUsers(...names: readonly string[]) {
  const operator = await createOperatorMode();
  return Promise.all(names.map((name) => operator.mintUser({ name })));
}

/** One call, as a source makes it. */
export function userInfoOf(provider: UserInfoProvider, signal = AbortSignal.timeout(5_000)) {
  return Promise.resolve(
    provider.getUserInfo({ connection: 'orders', role: 'server', reason: 'connect', attempt: 1, signal }),
  );
}

/** Counts the changes that a provider tells of until the test ends. */
export function watchChanges(provider: UserInfoProvider): { count: number; end: () => void } {
  const end = provider.watch?.(() => changes.count++) ?? (() => {});
  const changes = { count: 0, end };
  onTestFinished(end);
  return changes;
}

/** Looks until the check holds, at most ten seconds. */
export function until(check: () => boolean | Promise<boolean>): Promise<boolean> {
  return vi.waitUntil(check, { timeout: 10_000, interval: 10 });
}
