// Packs what is in dist/ as `npm publish` would.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);

/** The tarball's path, its name and version, and the paths of the files in it. */
export function pack() {
  const folder = new URL('.cache/package/', root);
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', fileURLToPath(folder)];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }));
  return {
    path: fileURLToPath(new URL(packed.filename, folder)),
    name: packed.name,
    version: packed.version,
    size: packed.size,
    files: packed.files.map((file) => file.path),
  };
}
