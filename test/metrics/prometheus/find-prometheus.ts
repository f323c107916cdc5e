import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { unpackDebianPackage } from '../../../libs/testing/nats-server/debian-package.js';

const run = promisify(execFile);

/** The last suite whose `prometheus` package has `promtool` in it. */
const SUITE = 'bookworm';

/** The binaries of one Prometheus. */
export interface PrometheusBinaries {
  readonly prometheus: string;
  readonly promtool: string;
  /** As in `2.42.0`. */
  readonly version: string;
}

/**
 * Finds Prometheus and its `promtool`: in the folder that `PROMETHEUS_BIN_DIR` names, or in our cache folder, where
 * Debian's package is unpacked the first time.
 * @throws {Error} that says how to provide one.
 */
export async function findPrometheus(): Promise<PrometheusBinaries> {
  const chosen = process.env['PROMETHEUS_BIN_DIR'];
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const unpacked = join(cache, 'nestjs-nats-auth', `prometheus-${SUITE}`);
  const folder = chosen ?? join(unpacked, 'usr', 'bin');
  const binaries = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  if (chosen === undefined && !(await exists(binaries.promtool))) await fetchInto(unpacked);
  try {
    return { ...binaries, version: await versionOf(binaries.promtool) };
  } catch (cause) {
    const remedy = 'set PROMETHEUS_BIN_DIR to a folder with a prometheus and a promtool that run';
    throw new Error(`No promtool runs in '${folder}': ${remedy}.`, { cause });
  }
}

async function fetchInto(target: string): Promise<void> {
  console.error(`Fetching prometheus from Debian ${SUITE} …`);
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(`${target}-`);
  try {
    const root = await unpackDebianPackage('prometheus', SUITE, work);
    // Renaming is atomic: nobody ever sees half a package. Somebody else may have been faster.
    await rename(root, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error;
    });
  } catch (cause) {
    throw new Error(
      `Prometheus could not be fetched from Debian ${SUITE}: install one and set PROMETHEUS_BIN_DIR to its folder.`,
      { cause },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function versionOf(promtool: string): Promise<string> {
  const { stdout, stderr } = await run(promtool, ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1];
  if (!version) throw new Error(`${promtool} --version tells no version`);
  return version;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
