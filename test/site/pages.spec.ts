import { mkdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { launchChromium } from '../support/browser/launch-chromium.js';
import { serve } from './serve.js';
import { BASE, DIST, htmlFiles, isPage } from './site.js';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
const WIDTHS = [390, 1280] as const;
const SCHEMES = ['light', 'dark'] as const;
/** What is looked at by people as well: a page of each kind, and where tables and code are widest. */
const PICTURED = [
  'index',
  'contents',
  'guide',
  'how-it-works',
  'why',
  'comparison',
  'configuration',
  'metrics',
  'performance',
  'tasks/run-in-kubernetes',
  'sample-app/index',
  'api/index',
];
/** Whose last table is looked at, too. */
const WITH_TABLE = ['comparison', 'configuration', 'performance'];
/** Pages of the API reference, which has hundreds that are alike. */
const OF_THE_REFERENCE = ['api/index.html', 'api/classes/nestjs-nats-auth.NatsAuthClient.html'];

const files = [...(await htmlFiles()).filter(isPage), ...OF_THE_REFERENCE];
const problemsScript = await readFile(new URL('in-page.js', import.meta.url), 'utf8');
let browser: Browser;
let page: Page;
let server: Server;
let url: string;
const complaints: string[] = [];

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  ({ server, url } = await serve(DIST, BASE));
  browser = await launchChromium();
  page = await browser.newPage({ reducedMotion: 'reduce' });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
});
afterAll(async () => {
  await browser.close();
  server.close();
});

it.each(files)('%s can be read at 390 and 1280 px, in light and dark', async (file) => {
  complaints.length = 0;
  await page.setViewportSize({ width: 1280, height: 900 });
  await open(file);
  const problems: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const colorScheme of SCHEMES) {
      await show(colorScheme);
      const found: string[] = await page.evaluate(problemsScript);
      problems.push(...found.map((problem) => `${width} px, ${colorScheme}: ${problem}`));
      await picture(file.replace('.html', ''), `${width}-${colorScheme}`);
    }
  }
  expect(problems).toEqual([]);
  expect(complaints).toEqual([]);
});

it('draws the diagrams', async () => {
  await open('how-it-works.html');
  await page.waitForFunction('document.querySelectorAll("div.diagram > svg").length === 6');
  for (const [n, colorScheme] of SCHEMES.entries()) {
    await page.setViewportSize({ width: WIDTHS[n] ?? 390, height: 900 });
    await show(colorScheme);
    await page.locator('div.diagram').nth(1).scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${SCREENSHOTS}diagram-${colorScheme}.png` });
  }
});

it.each(WIDTHS)('finds "rotation" by its search at %i px', async (width) => {
  await page.setViewportSize({ width, height: 844 });
  await open('index.html');
  await page.locator('.VPNavBarSearch button').first().click();
  await page.locator('#localsearch-input').fill('rotation');
  const result = page.locator('#localsearch-list a').first();
  await result.waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}search-${width}.png` });
  await result.click();
  await page.waitForURL((address) => address.pathname !== BASE);
  expect(await page.locator('main').innerText()).toMatch(/rotation/i);
});

it('leads from the menu of a phone to every page of the index', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open('guide.html');
  await page.locator('.VPLocalNav .menu').click();
  const links = page.locator('.VPSidebar a');
  await links.first().waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}menu-390.png` });
  expect(await links.count()).toBeGreaterThan(25);
});

/** Opens a page, and waits until its scripts run: pages of the API reference have none that matter. */
async function open(file: string): Promise<void> {
  await page.goto(url + file);
  await page.waitForFunction(
    'document.querySelector("#app")?.__vue_app__ || !document.querySelector("#app")',
  );
}

/** The API reference follows the scheme by itself, the pages do with a script. */
async function show(colorScheme: (typeof SCHEMES)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme });
  const isDark = `document.documentElement.classList.contains('dark') === ${colorScheme === 'dark'}`;
  await page.waitForFunction(`${isDark} || !document.querySelector('#app')`);
}

async function picture(name: string, suffix: string): Promise<void> {
  if (!PICTURED.includes(name)) return;
  const path = `${SCREENSHOTS}${name.replaceAll('/', '-')}-${suffix}.png`;
  await page.screenshot({ path, fullPage: name === 'index' });
  if (!WITH_TABLE.includes(name)) return;
  await page.locator('main table').last().scrollIntoViewIfNeeded();
  await page.screenshot({ path: path.replace('.png', '-table.png') });
  await page.evaluate('scrollTo(0, 0)');
}
