import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { debianSourceFor } from './debian-source.js';

const run = promisify(execFile);

export interface UnpackOptions {
  /** Unpacks what the packages depend on and this machine does not have, too. Default: false. */
  readonly withDependencies?: boolean;
}

/**
 * Downloads packages of a Debian suite and unpacks them below `folder`, without root and without touching the system's
 * package lists. Returns the root of what was unpacked.
 * @throws {Error} when this is no Debian, or the suite cannot be reached.
 */
export async function unpackDebianPackages(
  names: readonly string[],
  suite: string,
  folder: string,
  { withDependencies = false }: UnpackOptions = {},
): Promise<string> {
  const source = await debianSourceFor(suite);
  if (!source) throw new Error('apt knows no Debian archive on this machine');
  const sources = join(folder, 'sources.d');
  for (const path of [sources, join(folder, 'lists', 'partial'), join(folder, 'archives', 'partial')]) {
    await mkdir(path, { recursive: true });
  }
  await writeFile(join(sources, 'debian.sources'), source);
  const apt = async (...args: string[]) => {
    const options = { cwd: folder, timeout: 300_000, maxBuffer: 2 ** 24 };
    return (await run('apt-get', ['-qq', ...aptOptions(folder, sources), ...args], options)).stdout;
  };
  await apt('update');
  const wanted = withDependencies
    ? toInstall(await apt('-s', '--no-install-recommends', 'install', ...names))
    : names;
  await apt('download', ...wanted);
  const archives = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
  if (archives.length < wanted.length)
    throw new Error(`apt-get did not download ${wanted.join(', ')} from Debian ${suite}`);
  for (const archive of archives) await run('dpkg', ['-x', archive, 'unpacked'], { cwd: folder });
  return join(folder, 'unpacked');
}

/** The packages that a simulated installation would unpack: those that this machine does not have. */
function toInstall(simulation: string): string[] {
  return [...simulation.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
}

/** apt options: lists, archives and sources of our own instead of those of the system. */
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
