import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of this clone that outlasts a run. It is not below the repository: Node.js and TypeScript would find the
 * repository's own node_modules from there, and a lane that lacks a package would pass.
 */
export function cacheFolder(name) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const clone = createHash('sha256')
    .update(import.meta.url)
    .digest('hex')
    .slice(0, 8);
  const folder = join(cache, 'nestjs-nats-auth', `lanes-${clone}`, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
