// What a script needs before it runs: the npm packages of the lockfile, and what the arguments name built (package, sample,
// bench). Does nothing where PREPARED is set, as .ci/run does: suites side by side would write the same files.
import { execFileSync } from 'node:child_process';

const BUILDS = { package: 'build', sample: 'build:sample', bench: 'build:bench' };

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BUILDS, name));
if (unknown.length > 0) throw new Error(`Nothing to build is named ${unknown.join(', ')}.`);
if (!process.env.PREPARED) {
  await import('./ensure-installed.mjs');
  for (const name of names) build(BUILDS[name]);
}

function build(script) {
  try {
    execFileSync('npm', ['run', '--silent', script], {
      cwd: new URL('..', import.meta.url),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
  } catch {
    // It has said what is wrong.
    process.exit(1);
  }
}
