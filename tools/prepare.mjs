import { runCommand } from './command.mjs';

const BUILDS = {
  package: 'node tools/build.mjs',
  sample: 'nest build sample-app',
  bench: 'tsc -p bench/tsconfig.json',
};

/**
 * Installs the npm packages of the lockfile, and builds what is named: `package`, `sample`, `bench`. Does nothing where PREPARED is
 * set, as .ci/run does for its suites: side by side they would write the same files.
 */
export async function prepare(builds = []) {
  if (process.env.PREPARED) return;
  await import('./ensure-installed.mjs');
  for (const name of builds) {
    const exitCode = await runCommand(BUILDS[name]);
    // It has said what is wrong.
    if (exitCode !== 0) process.exit(exitCode);
  }
}
