import type {
  ActionView,
  Happening,
  OrdersView,
  PricesView,
  ServiceView,
  Snapshot,
  TrafficView,
} from '../../../sample-app/src/page/system-view.js';

export const NOW = Date.UTC(2030, 0, 1, 12);
const LIFETIME = 15_000;

export function aService(name: string, more: Partial<ServiceView> = {}): ServiceView {
  return {
    name,
    connections: { server: { state: 'connected', server: '127.0.0.1:4222' } },
    token: 7,
    tokenExpiresAt: NOW + 9_000,
    revoked: false,
    refreshes: 7,
    refreshFailures: 0,
    rejections: 0,
    rotations: 12,
    reconnects: 0,
    failuresInARow: 0,
    ...more,
  };
}

/** A hundred seconds of 20 requests, and the one that has begun. */
export function aTraffic(
  second: (n: number) => [sent: number, answered: number, failed: number],
): TrafficView {
  const seconds = Array.from({ length: 101 }, (_, n) => [NOW - (101 - n) * 1_000, ...second(n)] as const);
  const sum = (column: 1 | 2 | 3) => seconds.reduce((total, counts) => total + counts[column], 0);
  const [requests, answered, failed] = [sum(1), sum(2), sum(3)];
  return { requests, answered, failed, waiting: requests - answered - failed, seconds };
}

export function ordersOf(more: Partial<OrdersView> = {}): OrdersView {
  return { placed: 1_996, stored: 1_996, read: 1_996, lost: 0, twice: 0, redelivered: 0, ...more };
}

/** Three prices, the newest of which is so old. */
export function pricesOf(ageMs: number, more: Partial<PricesView> = {}): PricesView {
  const prices = ['apples', 'pears', 'plums'].map((article, n) => ({
    article,
    cents: 80 + 20 * n,
    revision: 98 + n,
    at: NOW - ageMs - (2 - n) * 1_000,
  }));
  return { revision: 100, missed: 0, prices, ...more };
}

const breaking = (id: string, part: string, verb: string, isActive: boolean): ActionView => ({
  id,
  part,
  verb,
  label: `${verb} ${part}`,
  hint: `What there is to see when ${part} is hit, in a sentence of the usual length.`,
  effect: 'breaks',
  healedBy: `heal-${id}`,
  available: !isActive,
  blockedBy: isActive ? 'It is so already.' : undefined,
  active: isActive ? `${part} is hit until it is mended.` : undefined,
});
const healing = ({ id, part, active }: ActionView): ActionView => ({
  id: `heal-${id}`,
  part,
  verb: 'Heal',
  label: `Heal ${part}`,
  hint: 'It is back by itself.',
  effect: 'heals',
  available: active !== undefined,
  blockedBy: active ? undefined : 'Nothing is broken.',
});

function actions(hit?: string): ActionView[] {
  const breaks = ['identity provider', 'pricing', 'orders', 'gateway'].map((part) =>
    breaking(`hit-${part.replace(' ', '-')}`, part, 'Hit', part === hit),
  );
  return [
    ...breaks.flatMap((one) => [one, healing(one)]),
    {
      id: 'restart',
      part: 'NATS n0',
      verb: 'Restart',
      label: 'Restart a NATS server',
      hint: 'Its clients move to the other server.',
      effect: 'breaks',
      available: true,
    },
    {
      id: 'rotate',
      part: 'identity provider',
      verb: 'Rotate the keys',
      label: 'Rotate the keys',
      hint: 'Nobody notices.',
      effect: 'routine',
      available: hit === undefined,
      blockedBy: hit && 'Not now.',
    },
  ];
}

const KINDS: Happening['kind'][] = [
  'refreshed',
  'rotated',
  'connected',
  'disconnected',
  'rejected',
  'unreachable',
  'refresh failed',
  'failed',
  'done',
];

/** One of each kind, some of them repeated. */
function happenings(names: readonly string[]): Happening[] {
  return [...names, 'traffic', 'you'].flatMap((who, lane) =>
    KINDS.map((kind, n) => ({
      id: lane * KINDS.length + n + 1,
      at: NOW - 100_000 + n * 10_000,
      until: NOW - 100_000 + n * 10_000 + (n % 2) * 9_000,
      count: n % 2 ? 14 : 1,
      who,
      kind,
      text: `server: something that ${kind} 127.0.0.1:4222 because of 'words-without-a-space-${'x'.repeat(60)}'`,
      folded: false,
    })),
  );
}

export function aSnapshot(more: Partial<Snapshot> = {}): Snapshot {
  const place = { state: 'connected', server: '127.0.0.1:24222' };
  const services = more.services ?? [
    aService('pricing'),
    aService('orders', { connections: { connection: place, server: place, client: place } }),
    aService('gateway'),
  ];
  return {
    now: NOW,
    tokenLifetimeMs: LIFETIME,
    sessionGraceMs: LIFETIME,
    identityProvider: { up: true, keyId: 'afb964' },
    servers: [
      { name: 'n0', address: '127.0.0.1:4222', state: 'up' },
      { name: 'n1', address: '127.0.0.1:4223', state: 'up' },
      { name: 'n2', address: '127.0.0.1:4224', state: 'up' },
    ],
    services,
    traffic: aTraffic(() => [20, 20, 0]),
    orders: ordersOf(),
    prices: pricesOf(400),
    actions: actions(),
    happenings: happenings(services.map(({ name }) => name)),
    revision: 1,
    ...more,
  };
}

const LONG = 'settlement-reconciliation-and-invoicing-service-of-the-northern-region';
const down = { server: { state: 'disconnected' }, client: { state: 'reconnecting' } };

/** What the system can come to. */
export const SCENES = {
  calm: aSnapshot(),
  'identity provider stopped': aSnapshot({
    identityProvider: { up: false, keyId: 'afb964' },
    services: [
      aService('pricing', { tokenExpiresAt: NOW - 8_600, failuresInARow: 14 }),
      aService('orders', { failuresInARow: 1, refreshFailures: 1 }),
      aService('gateway', { tokenExpiresAt: NOW - 15_200, failuresInARow: 20 }),
    ],
    actions: actions('identity provider'),
  }),
  'server restarting, service revoked': aSnapshot({
    servers: [
      { name: 'n0', address: '127.0.0.1:4222', state: 'restarting' },
      { name: 'n1', address: '127.0.0.1:4223', state: 'lame duck' },
      { name: 'n2', address: '127.0.0.1:4224', state: 'up' },
    ],
    services: [
      aService('pricing', { connections: { server: { state: 'reconnecting' } }, trouble: 'x'.repeat(300) }),
      aService('orders', { connections: down, revoked: true, tokenExpiresAt: undefined }),
      aService('gateway', { connections: {}, token: 0, tokenExpiresAt: undefined }),
    ],
    traffic: aTraffic((n) => (n === 40 ? [900, 900, 0] : n > 80 ? [20, 4, 12] : [20, 20, 0])),
    orders: ordersOf({ placed: 2_004, lost: 3, twice: 12, redelivered: 7 }),
    prices: pricesOf(125_000, { missed: 14 }),
    actions: actions('orders'),
  }),
  'long names and large numbers': aSnapshot({
    services: [1, 2, 3].map((n) =>
      aService(`${LONG}-${n}`, { refreshes: 123_456, refreshFailures: 98_765, token: 123_456 }),
    ),
    traffic: { requests: 1_234_567, answered: 1_034_565, failed: 200_000, waiting: 2, seconds: [] },
    orders: ordersOf({
      placed: 1_234_567,
      stored: 1_234_560,
      read: 1_234_550,
      lost: 123_456,
      twice: 123_456,
    }),
    prices: pricesOf(4_000, {
      revision: 12_345_678,
      missed: 123_456,
      prices: [1, 2, 3].map((n) => ({
        article: `${LONG}-${n}`,
        cents: 1_234_567,
        revision: 12_345_678,
        at: NOW - 4_000,
      })),
    }),
  }),
};
