import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { PeerOptions } from './systems/system.js';

/** The peer's module, where it finds the NestJS of that major. */
export interface Peer {
  readonly module: string;
  readonly driver: PeerOptions['driver'];
}

const built = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** For NestJS 11 the packed tarball is installed in a folder of its own, as `npm run test:lanes` does, and the peer beside it. */
export async function peerFor(nest: string): Promise<Peer> {
  if (nest === '12') return { module: join(built, 'requests/peer.js'), driver: '@nats-io/transport-node' };
  if (nest !== '11') throw new Error(`--nest takes 11 or 12, got ${nest}.`);
  const installer = join(root, 'tools/lanes/install.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [installer, 'nest-11']);
  const folder = join(stdout.trim(), 'bench');
  await mkdir(folder, { recursive: true });
  for (const part of ['child', 'requests'])
    await cp(join(built, part), join(folder, part), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  return { module: join(folder, 'requests/peer.js'), driver: 'nats' };
}
