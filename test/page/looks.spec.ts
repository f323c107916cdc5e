import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { eventually } from 'nestjs-nats-auth/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchChromium } from '../support/browser/launch-chromium.js';
import { overflow, paintedTexts } from './support/looks.js';
import { aService, aSnapshot, aTraffic, NOW, SCENES } from './support/scenes.js';
import { openStage, type Stage } from './support/stage.js';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
const WIDTHS = [390, 768, 1280];

let stage: Stage;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  stage = await openStage(SCENES.calm);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

async function open(scene = SCENES.calm, width = 1280, height = 900): Promise<void> {
  stage.show(scene);
  for (const context of browser.contexts()) await context.close();
  page = await browser.newPage({ viewport: { width, height } });
  await page.goto(stage.url);
  await isLive();
}
const isLive = () => page.locator('body[data-link="live"] [data-service]').first().waitFor();
const textOf = (selector: string) => page.locator(selector).innerText();
const field = (service: string, name: string) => textOf(`[data-service="${service}"] [data-field="${name}"]`);
const soon = (what: string, check: () => Promise<boolean>) => eventually(check, { what, timeoutMs: 15_000 });

describe.each(Object.entries(SCENES))('%s', (name, scene) => {
  it.each(WIDTHS)(
    'fits into %i px, with no small text, and with contrast in the light and the dark',
    async (width) => {
      await open(scene, width);
      expect(await overflow(page)).toBe(0);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const texts = await paintedTexts(page);
        expect(texts.length).toBeGreaterThan(60);
        expect(texts.filter(({ sizePx }) => sizePx < 12)).toEqual([]);
        expect(texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
        const path = `${SCREENSHOTS}${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`;
        await page.screenshot({ path, fullPage: true });
      }
    },
  );
});

describe('the page', () => {
  it('names what its colours and signs mean, and tells them apart without colour', async () => {
    await open();
    const withoutColour = (html: string) => html.replaceAll(/var\(--\w+\)/g, '');
    for (const [legend, entries] of [
      ['chart-legend', 3],
      ['timeline-legend', 9],
    ] as const) {
      const list = page.locator(`#${legend}`);
      expect(await list.getAttribute('aria-label')).toMatch(/^Legend: /);
      const items = await list.locator('li').all();
      expect(items).toHaveLength(entries);
      const names = await Promise.all(items.map((item) => item.innerText()));
      expect(names.every((text) => /[a-z]{4}/.test(text))).toBe(true);
      const signs = await Promise.all(items.map((item) => item.locator('svg').innerHTML()));
      expect(new Set(signs.map(withoutColour)).size).toBe(entries);
    }
    expect(await textOf('#chart-legend')).toMatch(
      /answered\s+20\/s\s+failed\s+0\/s\s+waiting for an answer\s+0\/s/,
    );
    expect(await page.locator('#chart').getAttribute('aria-label')).toMatch(
      /2000 sent, 2000 answered, 0 failed/,
    );
  });

  it('shows a token that has expired beside words why its service is still connected', async () => {
    await open(SCENES['identity provider stopped']);
    expect(await field('pricing', 'countdown')).toMatch(/^expired [89]\.\d s ago$/);
    expect(await field('pricing', 'state')).toBe('connected, token expired');
    expect(await field('pricing', 'note')).toMatch(
      /^Still connected: NATS lets a session outlive its token by 15 s\./,
    );
    expect(await page.locator('[data-service="pricing"] .state').getAttribute('data-tone')).toBe('warn');
    expect(await field('gateway', 'note')).toContain('the server is about to end the connection');
    expect(await field('orders', 'state')).toBe('connected, not renewed');
  });

  it('has no state in green while its words say that something is wrong', async () => {
    for (const scene of Object.values(SCENES)) {
      await open(scene);
      for (const state of await page.locator('.card .state').all()) {
        const isGood = (await state.getAttribute('data-tone')) === 'good';
        expect(isGood).toBe((await state.locator('[data-field]').innerText()) === 'connected');
      }
    }
  });

  it('tells apart what breaks and what heals by form, word and place, and what is in effect with what heals it', async () => {
    await open(SCENES['server restarting, service revoked']);
    const look = (id: string) =>
      page.evaluate<string[]>(`(() => {
        const button = document.querySelector('[data-action="${id}"]');
        const { borderRadius, borderLeftWidth } = getComputedStyle(button);
        return [borderRadius, borderLeftWidth, button.querySelector('svg').innerHTML];
      })()`);
    const [breaks, heals] = await Promise.all([look('hit-orders'), look('heal-hit-orders')]);
    breaks.forEach((trait, n) => expect(trait).not.toBe(heals[n]));
    const row = page.locator('[data-control="hit-orders"]');
    expect(await row.innerText()).toContain('orders is hit until it is mended.');
    expect(await row.getAttribute('class')).toContain('active');
    expect(await page.getByRole('button', { name: 'Heal orders' }).isEnabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Heal pricing' }).isEnabled()).toBe(false);
    expect(await textOf('[data-control="restart"]')).toContain('heals by itself');
  });

  it('keeps the focus on a button that was pressed, and says why one makes no sense', async () => {
    await open();
    const focused = () => page.evaluate('document.activeElement.dataset.action');
    await page.locator('[data-action="hit-orders"]').focus();
    await page.keyboard.press('Enter');
    stage.show(SCENES['server restarting, service revoked']);
    await soon('the effect', async () => (await textOf('#headline')).startsWith('Revoked: orders.'));
    expect(stage.pressed).toEqual(['hit-orders']);
    expect(await focused()).toBe('hit-orders');
    await page.keyboard.press('Enter');
    await soon('the reason', async () => (await textOf('#effect')).includes('It is so already.'));
    expect(stage.pressed).toEqual(['hit-orders']);
  });

  it('says in two lines for those who listen how the system is, and is silent as long as that is the same', async () => {
    await open();
    for (const id of ['headline', 'effect'])
      expect(await page.locator(`#${id}`).getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('[aria-live]').count()).toBe(2);
    await page.evaluate(`
      globalThis.announced = 0;
      new MutationObserver((changes) => (announced += changes.length)).observe(document.getElementById('bar'), { childList: true, subtree: true, characterData: true })
    `);
    stage.show(SCENES['identity provider stopped']);
    await soon('the headline', async () =>
      (await textOf('#headline')).includes('Token expired, session goes on'),
    );
    const announced = await page.evaluate('announced');
    const countdown = await field('pricing', 'countdown');
    await soon('time to pass', async () => (await field('pricing', 'countdown')) !== countdown);
    expect(await page.evaluate('announced')).toBe(announced);
  });

  it('says that its server is gone, shows nothing in green meanwhile, and recovers by itself', async () => {
    await open();
    stage.goDark();
    await soon('the loss', async () =>
      (await textOf('#headline')).startsWith('The gateway does not answer.'),
    );
    expect(await field('orders', 'state')).toBe('last seen connected');
    expect(await page.locator('main [data-tone="good"]').count()).toBe(0);
    const countdown = await field('orders', 'countdown');
    expect(await page.getByRole('button', { name: 'Hit orders' }).isEnabled()).toBe(false);
    await page.locator('[data-action="hit-orders"]').click({ force: true });
    await soon('the reason', async () => (await textOf('#effect')).includes('the gateway does not answer'));
    expect(await field('orders', 'countdown')).toBe(countdown);
    stage.show(SCENES.calm);
    await isLive();
    expect(await field('orders', 'state')).toBe('connected');
  });

  it('moves nothing while it loads and while the state changes', async () => {
    await open(SCENES.calm);
    await page.evaluate(`
      globalThis.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value, sources }) => [value, ...sources.map(({ node }) => node?.id || node?.className || node?.nodeName)])))
        .observe({ type: 'layout-shift', buffered: true })
    `);
    for (const scene of [
      SCENES['identity provider stopped'],
      SCENES['server restarting, service revoked'],
      SCENES.calm,
    ]) {
      stage.show(scene);
      await page.locator(`[data-part="NATS n0"][data-state="${scene.servers[0]?.state}"]`).waitFor();
      await page.evaluate(
        'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
      );
    }
    expect(await page.evaluate('shifts.filter(([value]) => value > 0.01)')).toEqual([]);
  });

  it.each(WIDTHS)('keeps its buttons where they are in every state at %i px', async (width) => {
    await open(SCENES.calm, width);
    const places = () =>
      page.evaluate<object>(`Object.fromEntries(
        [...document.querySelectorAll('[data-action]')].map((button) => [button.dataset.action, button.getBoundingClientRect().top + scrollY]),
      )`);
    const calm = await places();
    for (const scene of [
      SCENES['identity provider stopped'],
      SCENES['server restarting, service revoked'],
      SCENES.calm,
    ]) {
      stage.show(scene);
      await page.locator(`[data-part="NATS n1"][data-state="${scene.servers[1]?.state}"]`).waitFor();
      expect(await places()).toEqual(calm);
    }
  });

  it('says when there is nothing yet, and when the gateway has not answered yet', async () => {
    await open(
      aSnapshot({
        services: [aService('orders', { connections: {}, token: 0, tokenExpiresAt: undefined })],
        traffic: aTraffic(() => [0, 0, 0]),
        happenings: [],
      }),
    );
    expect(await textOf('#journal')).toBe('Nothing has happened yet.');
    expect(await field('orders', 'state')).toBe('starting');
    expect(await field('orders', 'token')).toBe('no token yet');
    await page.route('**/api/events', (route) => route.fulfill({ status: 502 }));
    await page.reload();
    expect(await textOf('#headline')).toMatch(/^(Connecting to the gateway|The gateway does not answer yet)/);
    await page.unroute('**/api/events');
    // A browser gives such a stream up.
    await isLive();
  });

  it('shows text of others as text', async () => {
    const evil = `<img src=x onerror="document.title='evil'">`;
    const happening = {
      id: 1,
      at: NOW,
      until: NOW,
      count: 1,
      who: 'orders',
      kind: 'rejected',
      folded: false,
    } as const;
    await open(
      aSnapshot({
        services: [
          aService('orders', { connections: { [evil]: { state: evil } }, trouble: evil }),
          aService(evil),
        ],
        happenings: [
          { ...happening, text: evil },
          { ...happening, id: 2, who: evil, text: evil },
        ],
      }),
    );
    expect(await textOf('#journal')).toContain(evil);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).not.toBe('evil');
  });
});
