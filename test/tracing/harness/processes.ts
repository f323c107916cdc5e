import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { onTestFinished } from 'vitest';

/** A span of another process. */
export interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly scope: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface PeerOptions {
  readonly role: 'gateway' | 'service';
  readonly servers: string;
  /** Of the gateway. */
  readonly port?: number;
  /** Whether OpenTelemetry's instrumentation of NestJS is registered. */
  readonly instrumented?: boolean;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const scripts = join(root, 'test/tracing/processes');

/** Where a process finds the packages of a major of NestJS: those of the repository, or a folder of its own with the tarball. */
export function folderOf(nest: 11 | 12): Promise<string> {
  return nest === 12 ? Promise.resolve(scripts) : (nest11 ??= installNest11());
}

let nest11: Promise<string> | undefined;

async function installNest11(): Promise<string> {
  const { cacheFolder } = (await import(join(root, 'tools/lanes/cache-folder.mjs'))) as {
    cacheFolder: (name: string) => string;
  };
  const { pack } = (await import(join(root, 'tools/pack.mjs'))) as {
    pack: () => { name: string; path: string };
  };
  const folder = cacheFolder('tracing-nest-11');
  await cp(join(root, 'test/tracing/nest-11'), folder, { recursive: true });
  await cp(scripts, folder, { recursive: true });
  const lockfile = await readFile(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules/.installed-lockfile');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== lockfile) {
    await npm(folder, ['ci']);
    await writeFile(stamp, lockfile);
  }
  const tarball = pack();
  await rm(join(folder, 'node_modules', tarball.name), { recursive: true, force: true });
  await npm(folder, ['install', '--no-save', '--strict-peer-deps', tarball.path]);
  return folder;
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', [...args, ...options], { cwd });
}

/** Starts a process that ends with the test; gives the spans that it has sent, once it is ready. */
export async function startPeer(folder: string, options: PeerOptions): Promise<readonly SentSpan[]> {
  const spans: SentSpan[] = [];
  const child = fork(join(folder, 'peer.cjs'), [JSON.stringify(options)], { execArgv: [] });
  onTestFinished(() => ended(child));
  await new Promise<void>((resolve, reject) => {
    child.on('message', ({ span, ready }: { span?: SentSpan; ready?: true }) => {
      if (span) spans.push(span);
      if (ready) resolve();
    });
    child.once('exit', (code) => reject(new Error(`The ${options.role} ended with ${code}.`)));
  });
  return spans;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
