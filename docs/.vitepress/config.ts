import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { defineConfig } from 'vitepress';

import { repositoryOf } from '../../tools/release/repository.mjs';
import { breakNames } from './break-names.js';
import { diagrams } from './diagrams.js';
import { figures } from './figures.js';
import { anchorOf, type Repository, siteLinks } from './links.js';
import { notPages, pageOf, root } from './pages.js';
import { sidebar } from './sidebar.js';

const { SITE_BASE, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_REF_NAME } = process.env;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  name: string;
  version: string;
  description: string;
  repository?: { url: string };
};
const repository = repositoryOnTheWeb();
/** Where the site is on its host: `/name/` on GitHub Pages. */
const base = `/${SITE_BASE ?? ''}/`.replace(/\/+/g, '/');

export default defineConfig({
  title: manifest.name,
  description: manifest.description,
  lang: 'en',
  base,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }]],

  // Documents outside of docs/ are pages, too.
  srcDir: '..',
  srcExclude: notPages,
  rewrites: pageOf,
  vite: { publicDir: 'docs/.vitepress/public' },
  // The API reference is put beside the pages after they are built.
  ignoreDeadLinks: [/(^|\/)api\//],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    linkify: false,
    anchor: { slugify: anchorOf },
    config: (md) => {
      siteLinks(md, repository);
      breakNames(md);
      diagrams(md);
    },
  },
  transformPageData: ({ relativePath, frontmatter }) =>
    relativePath === 'index.md'
      ? { frontmatter: { ...frontmatter, figures: figures(read('docs/performance.md')) } }
      : undefined,

  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    sidebar: sidebar(),
    nav: [
      { text: 'Guide', link: '/guide.html' },
      { text: 'Configuration', link: '/configuration.html' },
      { text: 'API', link: '/api/index.html', target: '_self' },
      {
        text: `v${manifest.version}`,
        items: [
          { text: 'Changes', link: '/changelog.html' },
          { text: 'What a release may change', link: '/versioning.html' },
          { text: 'Pages of older versions', link: '/versioning.html#pages-of-older-versions' },
          { text: 'Supported versions', link: '/compatibility.html' },
        ],
      },
    ],
    ...(repository && {
      socialLinks: [{ icon: 'github', link: repository.url }],
      editLink: { pattern: `${repository.url}/edit/main/:path`, text: 'Edit this page' },
    }),
    footer: { message: 'MIT licence' },
  },
});

/** What package.json says, or the workflow that builds the site. */
function repositoryOnTheWeb(): Repository | undefined {
  const ofWorkflow = GITHUB_REPOSITORY && `${String(GITHUB_SERVER_URL)}/${GITHUB_REPOSITORY}`;
  const url = repositoryOf(manifest) ?? ofWorkflow;
  return url ? { url, ref: GITHUB_REF_NAME ?? 'main' } : undefined;
}
