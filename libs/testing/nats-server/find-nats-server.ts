import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { describeError } from '../../base/index.js';
import { cachedFolder } from '../debian/cached-folder.js';
import { unpackDebianPackages } from '../debian/debian-package.js';
import { atLeast, DEBIAN_SUITES, MINIMUM_VERSION, type NatsServerRelease } from './releases.js';

const run = promisify(execFile);

/** A `nats-server` that can be started. */
export interface NatsServerBinary {
  readonly path: string;
  /** As in `2.10.27`. */
  readonly version: string;
}

/** No usable `nats-server` is on this machine, and none could be fetched; the message says how to provide one. */
export class NatsServerNotFoundError extends Error {
  override name = 'NatsServerNotFoundError';
}

/**
 * Finds a `nats-server`. The default release is looked for in `NATS_SERVER_BIN`, then on `PATH` (2.10 or newer), then
 * in our cache folder, and is fetched from Debian's package otherwise; `oldest` and `newest` are always Debian's.
 * @throws {@link NatsServerNotFoundError}
 */
export async function findNatsServer(release: NatsServerRelease = 'default'): Promise<NatsServerBinary> {
  return (release === 'default' ? await onThisMachine() : undefined) ?? (await fromDebian(release));
}

async function onThisMachine(): Promise<NatsServerBinary | undefined> {
  const chosen = process.env['NATS_SERVER_BIN'];
  if (chosen) {
    const version = await versionOf(chosen);
    if (version && atLeast(version, MINIMUM_VERSION)) return { path: chosen, version };
    const problem = version
      ? `is version ${version}; ${MINIMUM_VERSION} or newer is needed`
      : 'is no nats-server that runs';
    throw new NatsServerNotFoundError(`NATS_SERVER_BIN names '${chosen}', which ${problem}.`);
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'nats-server');
    const version = await versionOf(path);
    if (version && atLeast(version, MINIMUM_VERSION)) return { path, version };
  }
  return undefined;
}

async function fromDebian(release: NatsServerRelease): Promise<NatsServerBinary> {
  const suite = DEBIAN_SUITES[release];
  try {
    const folder = await cachedFolder({
      name: `nats-server-${suite}`,
      holds: 'nats-server',
      fetch: async (work) => {
        console.error(`Fetching nats-server from Debian ${suite} …`);
        return join(await unpackDebianPackages(['nats-server'], suite, work), 'usr', 'sbin');
      },
    });
    const path = join(folder, 'nats-server');
    const version = await versionOf(path);
    if (version) return { path, version };
    throw new Error(`the binary of Debian ${suite} does not run here`);
  } catch (cause) {
    throw new NatsServerNotFoundError(howToProvide(suite, cause), { cause });
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    await access(path);
    return /v(\d+\.\d+\.\d+)/.exec((await run(path, ['--version'])).stdout)?.[1];
  } catch {
    return undefined;
  }
}

function howToProvide(suite: string, cause: unknown): string {
  return [
    `No nats-server of version ${MINIMUM_VERSION} or newer was found, and fetching it from Debian ${suite} failed: ${describeError(cause)}`,
    'Provide one in one of three ways:',
    '  1. set NATS_SERVER_BIN to the path of a nats-server binary;',
    '  2. put nats-server on PATH (see https://docs.nats.io/running-a-nats-service/introduction/installation);',
    `  3. run on Debian or a derivative with apt-get and dpkg, so that its package can be fetched.`,
  ].join('\n');
}
