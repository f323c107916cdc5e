import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { eventually } from 'nestjs-nats-auth/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchChromium } from '../support/browser/launch-chromium.js';
import { type Sample, startSample } from '../support/sample.js';
import { overflow } from './support/looks.js';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
const SERVICES = ['orders', 'pricing', 'gateway'];
/** What a card shows, and the metric that counts the same. */
const FIELDS = {
  refreshes: /^nats_auth_refreshes_total\{/,
  refreshFailures: /^nats_auth_refresh_failures_total\{/,
  rejections: /^nats_auth_rejections_total\{/,
  rotations: /^nats_auth_rotations_total\{.*outcome="success"/,
  reconnects: /^nats_auth_connects_total\{.*kind="reconnect"/,
};
type Field = keyof typeof FIELDS;

/** Looks at the sum on every change of the page and between them. */
const WATCH_SUMS = `
  globalThis.looks = 0;
  globalThis.wrongSums = [];
  const look = () => {
    const [sent, ...parts] = ['requests', 'answered', 'failed', 'waiting'].map((id) => Number(document.getElementById(id).textContent));
    looks++;
    if (sent !== parts[0] + parts[1] + parts[2]) wrongSums.push([sent, ...parts]);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  setInterval(look, 20);
`;

let sample: Sample;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  sample = await startSample();
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1280, height: 2040 } });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(sample.url);
  await page.evaluate(WATCH_SUMS);
});
afterAll(async () => {
  // Also when the browser did not start.
  const ended = await sample.interrupt();
  await browser.close();
  expect(ended).toBe(0);
});

const field = (service: string, name: string) =>
  page.locator(`[data-service="${service}"] [data-field="${name}"]`).innerText();
const count = async (service: string, name: Field) => Number(await field(service, name));
const stateOf = (part: string) => page.locator(`[data-part="${part}"]`).getAttribute('data-state');
const press = (action: string) => page.locator(`[data-action="${action}"]`).click();
const screenshot = (name: string) => page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
const soon = <T>(what: string, check: () => Promise<T>) =>
  eventually(check, { what, timeoutMs: 45_000, everyMs: 100 });

const number = async (id: string) => Number(await page.locator(`#${id}`).innerText());
const journal = () => page.locator('#journal').innerText();
/** The services that are connected to a server. */
const connectedTo = async (part: string) => {
  const [address] = /127\.0\.0\.1:\d+/.exec(await page.locator(`[data-part="${part}"]`).innerText()) ?? [];
  if (!address) throw new Error(`The page shows no address of ${part}.`);
  const places = await Promise.all(SERVICES.map((service) => field(service, 'where')));
  return SERVICES.filter((_, n) => places[n]?.includes(address));
};

/** Plays what must cost no request, while requests are sent. */
async function withoutFailures(play: () => Promise<unknown>): Promise<void> {
  const failed = await number('failed');
  await play();
  const answered = await number('answered');
  await soon('more answers', async () => (await number('answered')) > answered + 10);
  expect(await number('failed')).toBe(failed);
}

/** What the page counts and what Prometheus would. */
async function counted(): Promise<{ shown: Record<string, number>; scraped: Record<string, number> }> {
  const text = await (await fetch(`${sample.url}/metrics`)).text();
  const shown: Record<string, number> = {};
  const scraped: Record<string, number> = {};
  for (const service of SERVICES) {
    for (const [name, pattern] of Object.entries(FIELDS)) {
      const key = `${service} ${name}`;
      shown[key] = await count(service, name as Field);
      scraped[key] = text
        .split('\n')
        .filter((line) => pattern.test(line) && line.includes(`connection="${service}"`))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    }
  }
  return { shown, scraped };
}

/** The page is half a second behind; in a moment of quiet both say the same. */
async function expectPageToAgreeWithMetrics(): Promise<void> {
  await soon('the page to show what the metrics say', async () => {
    const { shown, scraped } = await counted();
    expect(shown).toEqual(scraped);
    return true;
  });
}

async function allConnected(): Promise<boolean> {
  const states = await Promise.all(SERVICES.map((service) => field(service, 'state')));
  return states.every((state) => state === 'connected');
}

describe('the page', () => {
  it('shows each service rotate, and a countdown to the expiry of its token', async () => {
    await soon('two rotations of each service', async () => {
      for (const service of SERVICES) expect(await count(service, 'rotations')).toBeGreaterThanOrEqual(2);
      return true;
    });
    for (const service of SERVICES)
      expect(await field(service, 'countdown')).toMatch(/^expires in \d+\.\d s$/);
    expect(await number('answered')).toBeGreaterThan(0);
    expect(await number('failed')).toBe(0);
    await expectPageToAgreeWithMetrics();
    await screenshot('steady');
  });

  it('rotates the signing keys, and nobody notices', () =>
    withoutFailures(async () => {
      const pill = () => page.locator('[data-part="identity provider"]').innerText();
      const before = await pill();
      const rotations = await count('orders', 'rotations');
      await press('rotate-signing-keys');
      await soon('another key', async () => (await pill()) !== before);
      await soon(
        'a rotation to a token of that key',
        async () => (await count('orders', 'rotations')) > rotations + 1,
      );
    }));

  it('stops the identity provider: refreshes fail, requests do not', () =>
    withoutFailures(async () => {
      const failures = await count('gateway', 'refreshFailures');
      await press('stop-identity-provider');
      await soon(
        'the identity provider to be down',
        async () => (await stateOf('identity provider')) === 'down',
      );
      await soon('failed refreshes', async () => (await count('gateway', 'refreshFailures')) > failures);
      await screenshot('outage');
      await press('start-identity-provider');
      await soon('the identity provider to be up', async () => (await stateOf('identity provider')) === 'up');
      const refreshes = await count('gateway', 'refreshes');
      await soon('a refresh', async () => (await count('gateway', 'refreshes')) > refreshes);
    }));

  it('puts a server into lame-duck mode: its clients hand over and lose nothing', () =>
    withoutFailures(async () => {
      const clients = await connectedTo('NATS n1');
      const handovers = await Promise.all(clients.map((service) => count(service, 'rotations')));
      await press('lame-duck');
      // Without clients the server ends at once: its state may be over before anybody looks.
      await soon('lame-duck mode', async () =>
        (await journal()).includes('Put a NATS server into lame-duck mode'),
      );
      await soon('no client on it', async () => (await connectedTo('NATS n1')).length === 0);
      // One is counted when what was under way on the old connection has ended.
      await soon('its clients to have handed over', async () => {
        const now = await Promise.all(clients.map((service) => count(service, 'rotations')));
        return now.every((times, n) => times > (handovers[n] ?? Infinity));
      });
      await soon('it to be back', async () => (await stateOf('NATS n1')) === 'up');
    }));

  it.each(SERVICES)('revokes %s, which is back once it is restored', async (service) => {
    const refused = await count(service, 'refreshFailures');
    const failed = await number('failed');
    await press(`revoke-${service}`);
    await soon('it to be revoked', async () => (await field(service, 'state')) === 'revoked');
    await soon(
      'the identity provider to refuse it',
      async () => (await count(service, 'refreshFailures')) > refused,
    );
    await soon('requests to fail', async () => (await number('failed')) > failed);
    if (service === 'orders') await screenshot('revoked');
    await press(`restore-${service}`);
    await soon('it to be back', async () => (await field(service, 'state')) === 'connected');
  });

  it('restarts a server: its clients move', async () => {
    const clients = await connectedTo('NATS n0');
    const reconnects = await Promise.all(clients.map((service) => count(service, 'reconnects')));
    await press('restart-nats');
    await soon('the restart', async () => (await journal()).includes('Restart a NATS server'));
    await soon('its clients to reconnect', async () => {
      const now = await Promise.all(clients.map((service) => count(service, 'reconnects')));
      return now.every((times, n) => times > (reconnects[n] ?? Infinity));
    });
    await soon('all to be up', async () => (await stateOf('NATS n0')) === 'up' && (await allConnected()));
  });

  it('shows what the metrics say after all of it', async () => {
    await soon('all to be connected', allConnected);
    await expectPageToAgreeWithMetrics();
  });

  it('has kept each order once, and missed no price, through all buttons', async () => {
    const kept = async (name: string) =>
      Number(await page.locator(`#orders [data-field="${name}"]`).innerText());
    const revision = async () => /Revision (\d+)/.exec(await page.locator('#prices .note').innerText())?.[1];
    const [read, heard] = [await kept('read'), Number(await revision())];
    await soon('further orders to be read', async () => (await kept('read')) > read + 20);
    await soon('further prices', async () => Number(await revision()) > heard + 2);
    await soon('every order to be accounted for', async () =>
      (await page.locator('#orders .state').innerText()).includes('each once'),
    );
    expect([await kept('lost'), await kept('twice')]).toEqual([0, 0]);
    expect(await kept('stored')).toBeGreaterThan(read);
    expect(await page.locator('#prices .state').innerText()).toMatch(/live$/);
    expect(await page.locator('#prices .note').innerText()).toContain('none missed');
    await screenshot('kept');
  });

  it('has shown at every moment as many requests sent as were answered, failed and waited', async () => {
    expect(await number('failed')).toBeGreaterThan(0);
    expect(await page.evaluate('wrongSums')).toEqual([]);
    expect(await page.evaluate('looks')).toBeGreaterThan(300);
  });

  it('shows each failed request in the journal, in a few rows', async () => {
    const rows = page.locator('#journal li', { hasText: 'traffic' });
    const counts = (await rows.allInnerTexts()).map((row) => Number(/×(\d+)/.exec(row)?.[1] ?? 1));
    expect(counts.length).toBeLessThan(30);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(await number('failed'));
  });

  it('keeps on the time line what happened at the start', async () => {
    await page.getByRole('button', { name: 'whole run' }).click();
    await soon(
      'the first connections',
      async () => (await page.locator('.marks [data-kind="connected"]').count()) > 2,
    );
  });

  describe('on a phone', () => {
    /** Those of which a person sees not all without scrolling, and where they are. */
    const outOfView = (selectors: readonly string[]) =>
      page.evaluate<object[]>(`${JSON.stringify(selectors)}
        .map((selector) => ({ selector, ...document.querySelector(selector).getBoundingClientRect().toJSON() }))
        .filter(({ top, bottom, left, right }) => !(top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth))`);
    const told = () => page.locator('#headline').innerText();
    const placeOf = (selector: string) =>
      page.evaluate<object>(
        `({ scrollY, top: document.querySelector('${selector}').getBoundingClientRect().top })`,
      );
    beforeAll(async () => {
      await page.setViewportSize({ width: 390, height: 844 });
    });

    it('fits, in the dark and in the light', async () => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        // The chart follows the width of the window a moment after it changed.
        await soon('the page to fit a phone', async () => (await overflow(page)) === 0);
        await page.screenshot({ path: `${SCREENSHOTS}phone-${colorScheme}.png`, fullPage: true });
      }
    });

    it.each([
      ['stop-identity-provider', 'The identity provider is stopped', 'Refreshes fail'],
      ['start-identity-provider', 'All services are connected', 'Start the identity provider'],
      ['revoke-pricing', 'Revoked: pricing.', 'Revoke pricing'],
      ['restore-pricing', 'All services are connected', 'Restore pricing'],
      ['rotate-signing-keys', 'All services are connected', 'Rotate the signing keys'],
      ['restart-nats', 'NATS n0', 'Restart a NATS server'],
      ['lame-duck', 'NATS n1', 'into lame-duck mode'],
    ])('shows what %s brings about without scrolling', async (action, headline, effect) => {
      const selector = `[data-action="${action}"]`;
      // A server that was restarted before is still told to be back, which would be taken for this restart.
      await soon('the last restart to be old', async () => !(await told()).includes('NATS'));
      // Until it can be pressed, a click of Playwright's scrolls it to one edge of the window after the other.
      await soon('it to make sense', () => page.locator(selector).isEnabled());
      await page.evaluate(`document.querySelector('${selector}').scrollIntoView({ block: 'center' })`);
      const place = await placeOf(selector);
      await press(action);
      // Faster than it can be polled from here.
      await page.waitForFunction(
        `document.getElementById('headline').textContent.includes(${JSON.stringify(headline)}) && document.getElementById('effect').textContent.includes(${JSON.stringify(effect)})`,
        undefined,
        { timeout: 45_000 },
      );
      expect(await outOfView(['#headline', '#effect', '#glance', selector])).toEqual([]);
      expect(await placeOf(selector)).toEqual(place);
    });
  });

  it('has nothing to complain about', () => {
    expect(complaints).toEqual([]);
  });
});
