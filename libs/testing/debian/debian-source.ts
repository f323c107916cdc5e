import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ENDINGS = /\.(list|sources)$/;

/**
 * The machine's own Debian archive as a deb822 entry for another suite, so that packages of it come from where this
 * machine gets its packages; `undefined` when apt knows no Debian archive.
 */
export async function debianSourceFor(suite: string, etcApt = '/etc/apt'): Promise<string | undefined> {
  for (const text of await sourceFiles(etcApt)) {
    const entry = [...deb822Entries(text), ...oneLineEntries(text)].find(isDebianArchive);
    if (entry) return writeEntry(entry, suite);
  }
  return undefined;
}

interface SourceEntry {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy?: string;
}

async function sourceFiles(etcApt: string): Promise<string[]> {
  const parts = join(etcApt, 'sources.list.d');
  const names = await readdir(parts).catch(() => [] as string[]);
  const files = [
    ...names.filter((name) => ENDINGS.test(name)).map((name) => join(parts, name)),
    join(etcApt, 'sources.list'),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.map((text) => text.replace(/^#.*\n?/gm, ''));
}

/** Entries in paragraphs of `Field: value` lines. */
function deb822Entries(text: string): SourceEntry[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.+)$`, 'mi').exec(paragraph)?.[1]?.trim();
    const words = (name: string) => field(name)?.split(/\s+/) ?? [];
    const uri = words('URIs')[0];
    if (!uri || !words('Types').includes('deb') || field('Enabled') === 'no') return [];
    return [{ uri, suites: words('Suites'), components: words('Components'), signedBy: field('Signed-By') }];
  });
}

/** Entries of the form `deb [options] uri suite components…`. */
function oneLineEntries(text: string): SourceEntry[] {
  return [...text.matchAll(/^deb[ \t]+(?:\[([^\]]*)\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]+(.+)$/gm)].map(
    ([, options = '', uri = '', suite = '', components = '']) => ({
      uri,
      suites: [suite],
      components: components.trim().split(/\s+/),
      signedBy: /signed-by=(\S+)/.exec(options)?.[1],
    }),
  );
}

/**
 * Not a security or updates archive, and not a third party's: those have no path that ends in `debian`, or keys of
 * their own.
 */
function isDebianArchive({ uri, suites, components, signedBy }: SourceEntry): boolean {
  const plainSuite = suites.some((suite) => !/[-/]/.test(suite));
  const debianKeys = signedBy === undefined || signedBy.includes('debian-archive');
  return /\/debian\/?$/.test(uri) && components.includes('main') && plainSuite && debianKeys;
}

function writeEntry({ uri, signedBy }: SourceEntry, suite: string): string {
  const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main'];
  if (signedBy) lines.push(`Signed-By: ${signedBy}`);
  return `${lines.join('\n')}\n`;
}
