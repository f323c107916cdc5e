// Type-checks the recipes of docs/providers against the SDKs that they use. Those are installed beside the recipes: the
// package itself needs none of them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const recipes = fileURLToPath(new URL('../docs/providers/recipes/', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

const stamp = `${recipes}node_modules/.installed-lockfile`;
const lockfile = createHash('sha256')
  .update(readFileSync(`${recipes}package-lock.json`))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lockfile);
}
run(process.execPath, [tsc, '-p', recipes]);
console.log('The recipes compile.');

function run(program, args) {
  const options = {
    cwd: recipes,
    stdio: 'inherit',
    shell: program === 'npm' && process.platform === 'win32',
  };
  const { status } = spawnSync(program, args, options);
  if (status !== 0) process.exit(status ?? 1);
}
