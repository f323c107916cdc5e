import { execFile } from 'node:child_process';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { cachedFolder } from '../../../libs/testing/debian/cached-folder.js';
import { unpackDebianPackages } from '../../../libs/testing/debian/debian-package.js';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const REMEDY = 'install Chromium, or set CHROMIUM_BIN to one';

/** A Chromium that can be started. */
export interface ChromiumBinary {
  readonly path: string;
  /** What it needs in its environment beside what this process has. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds Chromium: the one that `CHROMIUM_BIN` names, one on `PATH`, or Debian's package, which is unpacked into our cache
 * the first time, with the libraries and a font that this machine lacks.
 * @throws {Error} that says how to provide one.
 */
export async function findChromium(): Promise<ChromiumBinary> {
  const installed = process.env['CHROMIUM_BIN'] ?? (await onPath());
  const chromium = installed ? { path: installed, env: {} } : await fromDebian();
  await run(chromium.path, ['--version'], { env: { ...process.env, ...chromium.env } }).catch(
    (cause: unknown) => {
      throw new Error(`'${chromium.path}' does not run: ${REMEDY}.`, { cause });
    },
  );
  return chromium;
}

async function onPath(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const path of folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

async function fromDebian(): Promise<ChromiumBinary> {
  try {
    // Its libraries must be of the suite that this machine's own are of.
    const suite = /^VERSION_CODENAME=(\w+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
    if (!suite) throw new Error('this is no Debian');
    const folder = await cachedFolder({
      name: `chromium-${suite}`,
      holds: 'fonts.conf',
      fetch: async (work) => {
        console.error(`Fetching chromium from Debian ${suite} …`);
        const root = await unpackDebianPackages(['chromium', 'fonts-inter'], suite, work, {
          withDependencies: true,
        });
        await writeFile(join(root, 'fonts.conf'), FONTS_CONF);
        return root;
      },
    });
    return {
      path: join(folder, 'usr', 'lib', 'chromium', 'chromium'),
      env: {
        LD_LIBRARY_PATH: await libraryFolders(folder),
        FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      },
    };
  } catch (cause) {
    throw new Error(`Chromium could not be fetched from Debian: ${REMEDY}.`, { cause });
  }
}

/**
 * Every folder below `usr/lib` and `lib` that holds libraries: those of the architecture, such as
 * `usr/lib/x86_64-linux-gnu`, and of libraries that keep parts of themselves in a folder of their own.
 */
async function libraryFolders(root: string): Promise<string> {
  const folders = new Set<string>();
  for (const parent of ['usr/lib', 'lib']) {
    const files = await readdir(join(root, parent), { recursive: true }).catch(() => []);
    for (const file of files) if (/\.so(\.|$)/.test(file)) folders.add(dirname(join(root, parent, file)));
  }
  return [...folders].join(delimiter);
}

/** Fonts that were unpacked, and those of the machine. */
const FONTS_CONF = `<?xml version="1.0"?>
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
`;
