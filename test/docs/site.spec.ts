import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { DefaultTheme } from 'vitepress';
import { describe, expect, it } from 'vitest';

import { figures } from '../../docs/.vitepress/figures.js';
import { anchorOf, hrefOnSite } from '../../docs/.vitepress/links.js';
import { hasPage, pageOf, root } from '../../docs/.vitepress/pages.js';
import { sidebar } from '../../docs/.vitepress/sidebar.js';

const { documents } = (await import(pathToFileURL(join(root, 'tools/docs/project.mjs')).href)) as {
  documents: () => readonly string[];
};
const performance = await readFile(join(root, 'docs/performance.md'), 'utf8');
const repository = { url: 'https://git.test/team/name', ref: 'v1.2.3' };

const addresses = (items: readonly DefaultTheme.SidebarItem[]): string[] =>
  items.flatMap(({ link, items = [] }) => [...(link ? [link] : []), ...addresses(items)]);

describe('the sidebar of the site, and the index that it is made of,', () => {
  it('have every page', () => {
    const inSidebar = addresses(sidebar());
    const pages = documents()
      .filter(hasPage)
      .map(pageOf)
      .filter((page) => page !== 'contents.md')
      .map((page) => `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html')}`);
    expect(pages.length).toBeGreaterThan(30);
    expect([...new Set(pages)].filter((page) => !inSidebar.includes(page))).toEqual([]);
    expect(new Set(inSidebar).size).toBe(inSidebar.length);
  });

  it('are grouped by what a reader wants', () => {
    expect(sidebar().map(({ text }) => text)).toEqual(['Start', 'Tasks', 'Guides', 'Operate', 'Reference']);
  });
});

describe('a link of a document, on the site,', () => {
  it.each([
    ['docs/guide.md', 'metrics.md#log', './metrics.md#log'],
    ['docs/guide.md', 'providers/README.md', './providers/index.md'],
    ['docs/providers/files.md', '../guide.md#the-provider', './../guide.md#the-provider'],
    ['docs/guide.md', '../SECURITY.md', './security.md'],
    ['SECURITY.md', 'docs/providers/signers.md', './providers/signers.md'],
    ['sample-app/README.md', '../docs/guide.md', './../guide.md'],
    ['docs/README.md', '../README.md', './index.md'],
    ['docs/README.md', 'decisions', './decisions/index.md'],
    ['docs/guide.md', 'api.snapshot.txt', './api/index.html'],
    ['docs/guide.md', '#options', '#options'],
    ['docs/guide.md', 'https://nats.io', 'https://nats.io'],
    [
      'docs/metrics.md',
      '../ops/grafana/nats-auth.dashboard.json',
      `${repository.url}/blob/v1.2.3/ops/grafana/nats-auth.dashboard.json`,
    ],
  ])('of %s to %s leads to %s', (document, link, target) => {
    expect(hrefOnSite(document, link, repository)).toBe(target);
  });

  it('leads nowhere when it leads to the repository, and nobody knows where that is', () => {
    expect(hrefOnSite('SECURITY.md', 'test/fuzz/server.spec.ts', undefined)).toBeUndefined();
  });

  it('ends the build when there is no such file', () => {
    expect(() => hrefOnSite('docs/guide.md', 'gone.md', repository)).toThrow(
      "docs/guide.md: the link 'gone.md' leads to no file.",
    );
  });

  it('finds headings as on GitHub', () => {
    expect(anchorOf('1. The `connection`, and _more_ – USER_INFO')).toBe(
      '1-the-connection-and-_more_--user_info',
    );
  });
});

describe('the figures of the home page', () => {
  it('are those that were measured, which the README quotes as well', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const shown = figures(performance);
    expect(shown).toHaveLength(6);
    const [requests, , faster, , , connect] = shown.map(({ value, text }) => `${value} ${text}`);
    for (const [sentence, quoted] of [
      [requests, ['46,424', '1,234', '32,656']],
      [faster, faster?.match(/\d+\.\d\d ×/g) ?? ['no ratio']],
      [connect, ['1.24 ×']],
    ] as const)
      for (const figure of quoted) {
        expect(sentence).toContain(figure);
        expect(readme).toContain(figure);
      }
  });

  it('are links to where they were measured', () => {
    const anchors = [...performance.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    for (const { section } of figures(performance)) expect(anchors).toContain(section);
  });

  it('end the build when what they quote is gone', () => {
    for (const quoted of [
      '| with jitter (default) |',
      'lost nothing and failed nothing in',
      '| every 20 s |',
    ])
      expect(() => figures(performance.replaceAll(quoted, '| other |'))).toThrow(/the home page quotes/);
  });
});
