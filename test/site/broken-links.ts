import { posix } from 'node:path';

/** The files of a site by their path: the text of those that have anchors, and nothing of others. */
export type Site = ReadonlyMap<string, string | undefined>;

/** A line for each link and image of a site that leads to no file of it, or to no anchor of a page. Other sites are not asked. */
export function brokenLinks(site: Site, base: string): string[] {
  const anchors = new Map([...site].map(([path, text]) => [path, new Set(valuesOf(text, 'id'))]));
  return [...site].flatMap(([page, text]) =>
    [...valuesOf(text, 'href'), ...valuesOf(text, 'src')]
      .filter((link) => !/^([a-z]+:|\/\/)/i.test(link))
      .filter((link) => !leadsSomewhere(link, page))
      .map((link) => `${page}: ${link}`),
  );

  function leadsSomewhere(link: string, page: string): boolean {
    const { pathname, hash } = new URL(link, `http://site${base}${page}`);
    if (!pathname.startsWith(base)) return false;
    const path = decodeURIComponent(pathname.slice(base.length));
    const target = path === '' || path.endsWith('/') ? posix.join(path, 'index.html') : path;
    const ids = anchors.get(target);
    return ids !== undefined && (hash.length < 2 || ids.has(decodeURIComponent(hash.slice(1))));
  }
}

function valuesOf(text = '', attribute: string): string[] {
  return [...text.matchAll(new RegExp(`<[^>]*?\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );
}
