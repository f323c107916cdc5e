import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cachedFolder } from '../../../libs/testing/debian/cached-folder.js';
import { unpackDebianPackages } from '../../../libs/testing/debian/debian-package.js';

const run = promisify(execFile);

/** The last suite whose `prometheus` package has `promtool` in it. */
const SUITE = 'bookworm';
const REMEDY = 'set PROMETHEUS_BIN_DIR to a folder with a prometheus and a promtool that run';

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
  const folder = process.env['PROMETHEUS_BIN_DIR'] ?? (await fromDebian());
  const binaries = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  try {
    return { ...binaries, version: await versionOf(binaries.promtool) };
  } catch (cause) {
    throw new Error(`No promtool runs in '${folder}': ${REMEDY}.`, { cause });
  }
}

async function fromDebian(): Promise<string> {
  try {
    return await cachedFolder({
      name: `prometheus-${SUITE}`,
      holds: 'promtool',
      fetch: async (work) => {
        console.error(`Fetching prometheus from Debian ${SUITE} …`);
        return join(await unpackDebianPackages(['prometheus'], SUITE, work), 'usr', 'bin');
      },
    });
  } catch (cause) {
    throw new Error(`Prometheus could not be fetched from Debian ${SUITE}: ${REMEDY}.`, { cause });
  }
}

async function versionOf(promtool: string): Promise<string> {
  const { stdout, stderr } = await run(promtool, ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1];
  if (!version) throw new Error(`${promtool} --version tells no version`);
  return version;
}
