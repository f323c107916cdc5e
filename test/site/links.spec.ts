import { readdir, readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { brokenLinks } from './broken-links.js';
import { BASE, DIST, htmlFiles, isPage } from './site.js';

it('finds links to missing pages, files and anchors, and leaves other sites alone', () => {
  const site = new Map([
    [
      'index.html',
      '<a href="./guide.html#steps">a</a><a class="b" href="/docs/guide.html#gone">c</a><img src="no.png">',
    ],
    [
      'guide.html',
      '<h2 id="steps">x</h2><a href="/guide.html">outside of the base</a><a href="https://nats.io/#x">y</a>',
    ],
    ['tasks/index.html', '<a href="../guide.html">a</a><a href="../gone.html">b</a><a href="#here">c</a>'],
  ]);
  expect(brokenLinks(site, '/docs/')).toEqual([
    'index.html: /docs/guide.html#gone',
    'index.html: no.png',
    'guide.html: /guide.html',
    'tasks/index.html: ../gone.html',
    'tasks/index.html: #here',
  ]);
});

it('has no link that leads nowhere, the API reference included', async () => {
  const html = await htmlFiles();
  expect(html.filter(isPage).length).toBeGreaterThan(30);
  expect(html.filter((file) => file.startsWith('api/')).length).toBeGreaterThan(50);
  const site = new Map<string, string | undefined>();
  for (const file of await readdir(DIST, { recursive: true }))
    site.set(file.replaceAll('\\', '/'), undefined);
  for (const file of site.keys())
    if (/\.(html|svg)$/.test(file)) site.set(file, await readFile(DIST + file, 'utf8'));
  expect(brokenLinks(site, BASE)).toEqual([]);
});
