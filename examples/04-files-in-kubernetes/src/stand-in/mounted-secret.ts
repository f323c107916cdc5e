// In the place of the kubelet: files of a Secret are links through `..data`, which an update replaces in one step.
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class MountedSecret {
  #version = 0;

  private constructor(readonly folder: string) {}

  static async mount(files: Record<string, string>): Promise<MountedSecret> {
    const secret = new MountedSecret(await mkdtemp(join(tmpdir(), 'secret-')));
    await secret.update(files);
    for (const name of Object.keys(files)) await symlink(join('..data', name), join(secret.folder, name));
    return secret;
  }

  async update(files: Record<string, string>): Promise<void> {
    const before = `..version-${this.#version}`;
    const now = `..version-${++this.#version}`;
    await mkdir(join(this.folder, now));
    for (const [name, content] of Object.entries(files))
      await writeFile(join(this.folder, now, name), content, { mode: 0o600 });
    await symlink(now, join(this.folder, '..data_tmp'));
    await rename(join(this.folder, '..data_tmp'), join(this.folder, '..data'));
    await rm(join(this.folder, before), { recursive: true, force: true });
  }

  async unmount(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
