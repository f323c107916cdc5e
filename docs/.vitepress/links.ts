import { posix } from 'node:path';

import type { MarkdownRenderer } from 'vitepress';

import { hasPage, pageOf, root, targetOf } from './pages.js';

/** Where the files of the repository are on the web. */
export interface Repository {
  /** Without a slash at the end. */
  readonly url: string;
  /** The branch or tag that the site is built from. */
  readonly ref: string;
}

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/**
 * Documents are written for readers of the repository. On the site a link to another document leads to its page, and any other to
 * the repository, or nowhere while nobody knows the repository's address.
 * @throws {Error} when a link leads to no file, so that the build fails.
 */
export function siteLinks(md: MarkdownRenderer, repository: Repository | undefined): void {
  md.core.ruler.push('site-links', ({ tokens, env }) => {
    const { realPath, path } = env as { realPath?: string; path?: string };
    const document = (realPath ?? path)?.slice(root.length);
    // A title is parsed for itself.
    if (document === undefined) return;
    for (const { children } of tokens) {
      const open: Token[] = [];
      for (const token of children ?? []) {
        if (token.type === 'link_open') open.push(withHref(token, document, repository));
        if (token.type === 'link_close') token.tag = open.pop()?.tag ?? token.tag;
      }
    }
  });
}

function withHref(token: Token, document: string, repository: Repository | undefined): Token {
  const href = hrefOnSite(document, String(token.attrGet('href')), repository);
  if (href === undefined) {
    token.tag = 'span';
    token.attrs = [
      ['class', 'in-repository'],
      ['title', 'in the repository'],
    ];
  } else {
    token.attrSet('href', href);
  }
  return token;
}

/** What a link of a document becomes; undefined when it leads to the repository, and nobody knows where that is. */
export function hrefOnSite(
  document: string,
  href: string,
  repository: Repository | undefined,
): string | undefined {
  if (/^([a-z]+:|\/\/|#)/i.test(href)) return href;
  const [path = '', hash] = href.split('#');
  const target = targetOf(document, path);
  const anchor = hash === undefined ? '' : `#${hash}`;
  const onSite = (page: string) => `./${posix.relative(posix.dirname(pageOf(document)), page)}${anchor}`;
  if (hasPage(target)) return onSite(pageOf(target));
  // What stands in the repository for the API reference, which is made and not committed.
  if (target === 'docs/api.snapshot.txt') return onSite('api/index.html');
  return repository && `${repository.url}/blob/${repository.ref}/${target}${anchor}`;
}

/** The anchor of a heading, as GitHub makes it: links of documents name those. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/ /g, '-');
}
