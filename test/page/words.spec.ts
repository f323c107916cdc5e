import { describe, expect, it } from 'vitest';

import type { ServiceView, Snapshot } from '../../sample-app/src/page/system-view.js';
import { aService, aSnapshot, aTraffic, NOW } from './support/scenes.js';

interface Words {
  describeService: (
    service: ServiceView,
    snapshot: Snapshot,
  ) => { state: string; tone: string; note: string; countdown: string };
  headline: (snapshot: Snapshot) => { tone: string; text: string };
}
const importPublic = (name: string) =>
  import(new URL(`../../sample-app/public/${name}`, import.meta.url).href);
const { describeService, headline } = (await importPublic('words.js')) as Words;
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
