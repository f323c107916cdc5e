import { existsSync, readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders below the root whose Markdown files are pages. */
const FOLDERS = ['docs', 'examples', 'sample-app'];
/** Documents at the root that are pages. README.md is none: the home page stands in its place. */
const AT_ROOT = ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** For VitePress, whose source folder is the root of the repository: what of it is no page. */
export const notPages = [
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !FOLDERS.includes(entry.name))
    .map(({ name }) => `${name}/**`),
  'README.md',
  'docs/api/**',
];

/** The page that a document becomes, both as paths: of the repository, and of the site. */
export function pageOf(document: string): string {
  if (document === 'README.md') return 'index.md';
  if (document === 'docs/README.md') return 'contents.md';
  if (AT_ROOT.includes(document)) return document.toLowerCase();
  return document.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}

/** Whether a path of the repository is a document that has a page. */
export function hasPage(path: string): boolean {
  return (
    path.endsWith('.md') &&
    (FOLDERS.includes(path.split('/')[0] ?? '') || path === 'README.md' || AT_ROOT.includes(path))
  );
}

/**
 * What a relative link of a document leads to, as a path of the repository; a folder with a README leads to that.
 * @throws {Error} when there is nothing.
 */
export function targetOf(document: string, link: string): string {
  const path = posix.join(posix.dirname(document), decodeURI(link)).replace(/\/$/, '');
  if (!existsSync(root + path)) throw new Error(`${document}: the link '${link}' leads to no file.`);
  const readme = `${path}/README.md`;
  return statSync(root + path).isDirectory() && existsSync(root + readme) ? readme : path;
}
