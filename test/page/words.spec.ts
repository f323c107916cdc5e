import { describe, expect, it } from 'vitest';

import type { OrdersView, PricesView, ServiceView, Snapshot } from '../../sample-app/src/page/system-view.js';
import { aService, aSnapshot, aTraffic, NOW, ordersOf, pricesOf } from './support/scenes.js';

interface State {
  state: string;
  tone: string;
  note: string;
}
interface Words {
  describeOrders: (orders: OrdersView) => State;
  describePrices: (prices: PricesView, now: number) => State;
  describeService: (
    service: ServiceView,
    snapshot: Snapshot,
  ) => { state: string; tone: string; note: string; countdown: string };
  headline: (snapshot: Snapshot) => { tone: string; text: string };
}
const importPublic = (name: string) =>
  import(new URL(`../../sample-app/public/${name}`, import.meta.url).href);
const { describeOrders, describePrices, describeService, headline } = (await importPublic(
  'words.js',
)) as Words;
const { scaleTop } = (await importPublic('scale.js')) as { scaleTop: (values: number[]) => number };

const lost = { server: { state: 'disconnected' } };

describe('a card', () => {
  it.each<[string, Partial<ServiceView>, string, string]>([
    ['with a valid token', {}, 'connected', 'good'],
    ['whose refreshes fail', { failuresInARow: 2 }, 'connected, not renewed', 'warn'],
    ['whose token has expired', { tokenExpiresAt: NOW - 8_600 }, 'connected, token expired', 'warn'],
    ['whose session is over', { tokenExpiresAt: NOW - 15_100 }, 'connected, token expired', 'warn'],
    ['that is cut off', { connections: lost }, 'disconnected', 'bad'],
    [
      'of which one connection is lost',
      { connections: { ...aService('').connections, client: { state: 'reconnecting' } } },
      'reconnecting',
      'warn',
    ],
    ['that is revoked', { revoked: true, connections: lost }, 'revoked', 'bad'],
    ['that has not started', { connections: {}, tokenExpiresAt: undefined }, 'starting', 'quiet'],
  ])('of a service %s says so in a colour that agrees', (_, more, state, tone) => {
    expect(describeService(aService('orders', more), aSnapshot())).toMatchObject({ state, tone });
  });

  it('says why a service is connected beyond its token, and for how long', () => {
    const card = describeService(aService('orders', { tokenExpiresAt: NOW - 8_600 }), aSnapshot());
    expect(card.countdown).toBe('expired 8.6 s ago');
    expect(card.note).toBe(
      'Still connected: NATS lets a session outlive its token by 15 s. It ends in 6.4 s.',
    );
  });

  it('says what keeps a service from being connected', () => {
    const trouble = 'cannot reach 127.0.0.1:4222: ECONNREFUSED';
    expect(describeService(aService('orders', { connections: lost, trouble }), aSnapshot()).note).toBe(
      trouble,
    );
  });
});

describe('the orders', () => {
  it.each<[string, Partial<OrdersView>, string, string]>([
    ['all accounted for', {}, 'each once', 'good'],
    ['a few of which are under way', { placed: 2_000, read: 1_990 }, 'each once', 'good'],
    ['that NATS does not confirm', { placed: 2_040 }, 'waiting for NATS', 'warn'],
    ['that are not read', { read: 1_900 }, 'reading on', 'warn'],
    ['one of which is lost', { read: 1_995, lost: 1 }, 'orders lost', 'bad'],
    ['one of which came twice', { twice: 1 }, 'orders twice', 'bad'],
    ['of which there is none', { placed: 0, stored: 0, read: 0 }, 'no order yet', 'quiet'],
  ])('%s say so in a colour that agrees', (_, more, state, tone) => {
    expect(describeOrders(ordersOf(more))).toMatchObject({ state, tone });
  });

  it('say that one came again after a lost acknowledgement, which is as it should be', () => {
    const { tone, note } = describeOrders(ordersOf({ redelivered: 7 }));
    expect([tone, note]).toEqual([
      'good',
      'Confirmed by NATS, read, acknowledged; 7 delivered again after a lost acknowledgement.',
    ]);
  });
});

describe('the prices', () => {
  it.each<[string, PricesView, string, string]>([
    ['that change', pricesOf(400), 'live', 'good'],
    ['that stand still', pricesOf(8_000), 'no news', 'warn'],
    ['some of which were missed', pricesOf(400, { missed: 2 }), 'live, revisions missed', 'bad'],
    ['of which nothing was heard', pricesOf(0, { revision: 0, prices: [] }), 'no price yet', 'quiet'],
  ])('%s say so in a colour that agrees', (_, prices, state, tone) => {
    expect(describePrices(prices, NOW)).toMatchObject({ state, tone });
  });
});

describe('the headline', () => {
  it.each<[Partial<Snapshot>, string, string]>([
    [{}, 'good', 'All services are connected, and requests are answered.'],
    [{ services: [aService('orders', { revoked: true })] }, 'bad', 'Revoked: orders.'],
    [
      { services: [aService('a', { connections: lost }), aService('b', { connections: lost })] },
      'bad',
      'Not connected: a and b.',
    ],
    [{ traffic: aTraffic((n) => [20, 20, n > 98 ? 1 : 0]) }, 'bad', 'Requests failed just now.'],
    [
      { identityProvider: { up: false, keyId: '' } },
      'warn',
      'The identity provider is stopped; services go on with the tokens that they hold.',
    ],
    [{ servers: [{ name: 'n1', address: '', state: 'lame duck' }] }, 'warn', 'NATS n1: lame duck.'],
    [{ services: [aService('orders', { failuresInARow: 1 })] }, 'warn', 'Not renewed: orders.'],
    [
      { servers: [{ name: 'n0', address: '', state: 'up', backSince: NOW - 1_000 }] },
      'good',
      'All services are connected, and requests are answered. NATS n0 is back.',
    ],
  ])('of %j', (more, tone, text) => {
    expect(headline(aSnapshot(more))).toEqual({ tone, text });
  });
});

describe('the scale of the chart', () => {
  const usual = Array.from({ length: 119 }, () => 20);

  it('is not flattened by a spike', () => {
    expect(scaleTop([...usual, 900])).toBe(25);
    expect(scaleTop([20, 20, 900])).toBe(25);
  });

  it('has room for what is usual, for little more, and for nothing', () => {
    expect(scaleTop(usual)).toBe(25);
    expect(scaleTop(usual.map((value) => value * 10))).toBe(200);
    expect(scaleTop([...usual.map((value) => value * 10), 240])).toBe(250);
    expect(scaleTop([])).toBe(25);
  });
});
