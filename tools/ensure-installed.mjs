// Installs the npm packages of the lockfile when they are missing or out of date, so that
// `npm test` and `npm run demo` need nothing but Node and npm before them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const stamp = new URL('node_modules/.installed-lockfile', root);
const lockfile = createHash('sha256')
  .update(readFileSync(new URL('package-lock.json', root)))
  .digest('hex');

// npm runs `prepare` at the end of an installation, when everything is there.
const installing =
  process.env.npm_lifecycle_event === 'prepare' && existsSync(new URL('node_modules/typescript', root));

if (installing) {
  // Nothing is missing.
} else if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
  console.log('Installing the npm packages of package-lock.json …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    // Whoever needs it builds the package afterwards.
    env: { ...process.env, PREPARED: '1' },
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed: check the network or the npm registry setting, then run this again.');
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, lockfile);
}
