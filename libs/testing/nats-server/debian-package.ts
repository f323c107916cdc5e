import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { debianSourceFor } from './debian-source.js';

const run = promisify(execFile);

/**
 * Downloads a package of a Debian suite and unpacks it below `folder`, without root and without touching the system's
 * package lists; what it depends on does not come with it. Returns the folder that stands for `/`.
 * @throws {Error} when this is no Debian, or the suite cannot be reached.
 */
export async function unpackDebianPackage(name: string, suite: string, folder: string): Promise<string> {
  const source = await debianSourceFor(suite);
  if (!source) throw new Error('apt knows no Debian archive on this machine');
  const sources = join(folder, 'sources.d');
  for (const path of [sources, join(folder, 'lists', 'partial'), join(folder, 'archives', 'partial')]) {
    await mkdir(path, { recursive: true });
  }
  await writeFile(join(sources, 'debian.sources'), source);
  const apt = (...args: string[]) =>
    run('apt-get', ['-qq', ...aptOptions(folder, sources), ...args], { cwd: folder, timeout: 120_000 });
  await apt('update');
  await apt('download', name);
  const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get downloaded no ${name} from Debian ${suite}`);
  await run('dpkg', ['-x', archive, 'unpacked'], { cwd: folder });
  return join(folder, 'unpacked');
}

/** Lists, archives and sources of our own in the place of the system's. */
function aptOptions(folder: string, sources: string): string[] {
  const settings = {
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::Cache': folder,
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': sources,
    // Without root apt cannot switch to its own user, with root that user cannot write here.
    'APT::Sandbox::User': '',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
