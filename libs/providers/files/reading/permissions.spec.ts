import { describe, expect, it, vi } from 'vitest';

import { TestFolder } from '../files.fixture.js';
import { checkPermissions } from './permissions.js';

describe.skipIf(process.platform === 'win32')('a file that others may read', () => {
  const open = async () => (await TestFolder.make()).write('token', 'SECRETMARK', { mode: 0o644 });

  it('is warned of, with its mode and what to do', async () => {
    const warn = vi.fn<(message: string) => void>();
    const path = await open();
    await checkPermissions(path, 'warn', warn);
    expect(warn.mock.calls).toEqual([
      [
        `File '${path}' may be used by others than its owner (mode 0644): take that away (chmod 0600), or set 'permissions' to 'ignore'.`,
      ],
    ]);
  });

  it('is refused, or not looked at, when that is wanted', async () => {
    const warn = vi.fn();
    const path = await open();
    await expect(checkPermissions(path, 'refuse', warn)).rejects.toThrow(/mode 0644\).*chmod 0600/);
    await checkPermissions(path, 'ignore', warn);
    expect(warn).not.toHaveBeenCalled();
  });

  it('is not warned of in a Kubernetes volume, and refused there all the same', async () => {
    const warn = vi.fn();
    const folder = await TestFolder.make();
    await folder.mount({ token: 'SECRETMARK' });
    await checkPermissions(folder.file('token'), 'warn', warn);
    expect(warn).not.toHaveBeenCalled();
    await expect(checkPermissions(folder.file('token'), 'refuse', warn)).rejects.toThrow(/defaultMode: 0400/);
  });

  it('is the only kind that is told of', async () => {
    const warn = vi.fn();
    const path = await (await TestFolder.make()).write('token', 'SECRETMARK', { mode: 0o400 });
    await checkPermissions(path, 'refuse', warn);
    expect(warn).not.toHaveBeenCalled();
  });
});
