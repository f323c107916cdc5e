import { realpath, stat } from 'node:fs/promises';

import { fileSystemError, FileUnusableError } from '../../../base/index.js';

/** What happens when others than its owner may read a file that holds a secret. */
export type PermissionsPolicy = 'warn' | 'refuse' | 'ignore';

export const PERMISSIONS_POLICIES: readonly PermissionsPolicy[] = ['warn', 'refuse', 'ignore'];

// Where Kubernetes keeps the files of a volume: `path` → `..data/…` → `..2030_01_01_00_00_00.123456789/…`.
const KUBERNETES_VOLUME = /[/\\]\.\.\d{4}_[^/\\]+[/\\]/;

/**
 * Looks at who may read the file. A file of a Kubernetes volume, which has mode 0644 by default and is seen by the
 * containers of the pod only, is refused under `refuse` and warned of never.
 * @throws {@link FileUnusableError} under `refuse`.
 */
export async function checkPermissions(
  path: string,
  policy: PermissionsPolicy,
  warn: (message: string) => void,
): Promise<void> {
  // Windows has access control lists instead of a mode.
  if (policy === 'ignore' || process.platform === 'win32') return;
  const found = await modeOf(path);
  if ((found.mode & 0o077) === 0) return;
  const problem = `may be used by others than its owner (mode ${(found.mode & 0o777).toString(8).padStart(4, '0')})`;
  if (policy === 'refuse')
    throw new FileUnusableError(
      path,
      `${problem}: take that away (chmod 0600, in Kubernetes 'defaultMode: 0400'), or set 'permissions' to 'warn'.`,
    );
  if (!KUBERNETES_VOLUME.test(found.realPath))
    warn(`File '${path}' ${problem}: take that away (chmod 0600), or set 'permissions' to 'ignore'.`);
}

async function modeOf(path: string): Promise<{ mode: number; realPath: string }> {
  try {
    return { mode: (await stat(path)).mode, realPath: await realpath(path) };
  } catch (error) {
    throw fileSystemError(path, error);
  }
}
