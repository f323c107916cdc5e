import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What `npm run docs:site` has built. */
export const DIST = fileURLToPath(new URL('../../docs/.vitepress/dist/', import.meta.url));

/** Where the site is on its host. */
export const BASE = `/${process.env['SITE_BASE'] ?? ''}/`.replace(/\/+/g, '/');

/** The HTML files of the site, as paths below `DIST`. */
export async function htmlFiles(): Promise<string[]> {
  const files = await readdir(DIST, { recursive: true });
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.html'))
    .sort();
}

/** Whether a file is a page made of a document, and not one of the API reference or the one for what is not found. */
export const isPage = (file: string) => !file.startsWith('api/') && file !== '404.html';
