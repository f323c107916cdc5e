import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  NatsAuthClient,
  type NatsAuthEvents,
  type NatsAuthModuleOptions,
  NatsAuthService,
} from 'nestjs-nats-auth';
import {
  clientPermissions,
  handoverPermissions,
  jetstreamPermissions,
  mergePermissions,
  servicePermissions,
  type ServiceUse,
  type UserPermissions,
} from 'nestjs-nats-auth/callout';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, interval, lastValueFrom, map, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { DRIVERS } from '../drivers/drivers.js';
import { StablePeer } from '../drivers/stable-peer.js';
import { serviceOf, startClient, startService } from '../integration/nest/app.js';
import {
  listBucket,
  makeConsumer,
  makeStream,
  publish,
  read,
  readBucket,
  readInOrder,
  readStore,
  workOn,
  writeBucket,
  writeStore,
} from './jetstream-work.js';
import { permittedWorld, refusedOf } from './permitted-world.js';

const RELEASES = ['default', 'newest'] as const;
const HANDLES = ['orders.get', 'orders.*.state', 'orders.watch', 'orders.created'];

let created = 0;

@Controller()
class OrdersController {
  @MessagePattern('orders.get')
  get(@Payload() id: number) {
    return id;
  }

  @MessagePattern('orders.*.state')
  state(@Payload() id: number) {
    return id;
  }

  /** Long enough for the service to ask whether its requester is still there. */
  @MessagePattern('orders.watch')
  watch() {
    return interval(100).pipe(
      take(25),
      map((n) => n),
    );
  }

  @EventPattern('orders.created')
  created(@Payload() _id: number) {
    created++;
  }
}

type World = Awaited<ReturnType<typeof permittedWorld>>;

/** Asks everything once. */
async function useAll(client: NatsAuthClient): Promise<void> {
  expect(await firstValueFrom(client.send('orders.get', 1))).toBe(1);
  expect(await firstValueFrom(client.send('orders.7.state', 2))).toBe(2);
  const before = created;
  await lastValueFrom(client.emit('orders.created', 3), { defaultValue: undefined });
  await eventually(() => created > before, { what: 'the event' });
}

function orders(world: World, use: Partial<ServiceUse>, inboxPrefix: string): NatsAuthModuleOptions {
  const permissions = mergePermissions(
    servicePermissions({ handles: HANDLES, ...use }),
    handoverPermissions({ inboxPrefix }),
  );
  const { queue } = use;
  return {
    connection: { servers: world.urls, inboxPrefix, ...(queue !== undefined && { queue }) },
    userInfoProvider: world.provider(permissions),
  };
}

function gateway(world: World, servers = world.urls): NatsAuthModuleOptions {
  const inboxPrefix = '_INBOX.gateway';
  const sends = ['orders.get', 'orders.*.state', 'orders.watch', 'orders.created'];
  return {
    connection: { servers, inboxPrefix },
    userInfoProvider: world.provider(clientPermissions({ sends, inboxPrefix })),
  };
}

describe.each(RELEASES)('on nats-server %s, permissions', (release) => {
  it.each<[string, Partial<ServiceUse>, string]>([
    ['in groups of its own', {}, '_INBOX.orders'],
    ['in a queue group', { queue: 'orders.workers' }, '_INBOX.orders'],
    ['with the default prefix of inboxes', {}, '_INBOX'],
    ['which answers every inbox', { answers: 'inboxes' }, '_INBOX.orders'],
  ])('are enough for a service with handlers %s, its client and their handovers', async (_, use, prefix) => {
    const world = await permittedWorld(release, { size: 2 });
    const app = await startService(orders(world, use, prefix), { controllers: [OrdersController] });
    const service = app.get(NatsAuthService);
    const client = await startClient(gateway(world));
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    await eventually(() => useAll(client).then(() => true), { what: 'the service' });
    const stream = lastValueFrom(client.send<number>('orders.watch', {}).pipe(toArray()));
    expect(await stream).toHaveLength(25);
    await service.rotate();
    await serviceOf(client).rotate();
    await useAll(client);
    const leaving = world.servers.find(({ url }) =>
      url.endsWith(service.status.connections.server?.server ?? '-'),
    );
    leaving?.lameDuck();
    const moved = () => service.status.connections.server?.server !== undefined && rotated.length >= 2;
    await eventually(moved, { what: 'the service to move to the other server', timeoutMs: 20_000 });
    await useAll(client);
    expect(rotated.map(({ outcome, hint }) => ({ outcome, hint }))).toEqual(
      rotated.map(() => ({ outcome: 'success', hint: undefined })),
    );
    expect(await world.violations()).toEqual([]);
  });
});

const NEWEST_DRIVERS = DRIVERS.filter(({ packageName }) => !packageName.endsWith('oldest'));
const CASES = RELEASES.flatMap((release) =>
  NEWEST_DRIVERS.map((tested) => ({ release, tested, label: tested.label })),
);

describe.each(CASES)(
  'on nats-server $release, permissions for JetStream with $label',
  ({ release, tested }) => {
    it('are enough to make, write and read streams, buckets and stores on the injected connection, through handovers', async () => {
      const world = await permittedWorld(release, { jetStream: true });
      const inboxPrefix = '_INBOX.app';
      const all = { reads: true, writes: true, creates: true };
      const permissions = mergePermissions(
        jetstreamPermissions({
          streams: [{ name: 'ORDERS', publishes: ['orders.new'], reads: true, creates: true }],
          buckets: [{ name: 'prices', ...all }],
          stores: [{ name: 'scans', ...all }],
          inboxPrefix,
        }),
        handoverPermissions({ inboxPrefix }),
      );
      const peer = new StablePeer(tested, {
        options: { servers: world.urls, inboxPrefix },
        provide: () => world.mint(permissions),
      });
      const work = workOn(tested.driver.name, await peer.open());
      await makeStream(work, 'ORDERS', 'orders.new');
      await makeConsumer(work, 'ORDERS', 'shipping');
      const [kv, store] = [await work.bucket('prices'), await work.store('scans')];
      for (let n = 0; n < 3; n++) {
        await publish(work, 'orders.new');
        await read(work, 'ORDERS', 'shipping', 1);
        await readInOrder(work, 'ORDERS', 1);
        await (n === 0 ? writeBucket(kv) : kv.put('a.b', '1'));
        await kv.get('a.b');
        await writeStore(store);
        await readBucket(kv);
        await listBucket(kv);
        await readStore(store);
        await peer.rotate();
      }
      expect(peer.failures).toEqual([]);
      expect(await world.violations()).toEqual([]);
    });

    it('are enough to read alone, from consumers, buckets and stores that are there', async () => {
      const world = await permittedWorld(release, { jetStream: true });
      const owner = workOn('@nats-io/transport-node', await world.connect());
      await makeStream(owner, 'ORDERS', 'orders.new');
      await makeConsumer(owner, 'ORDERS', 'shipping');
      await publish(owner, 'orders.new');
      await writeBucket(await owner.bucket('prices'));
      await writeStore(await owner.store('scans'));
      const permissions = jetstreamPermissions({
        streams: [{ name: 'ORDERS', reads: ['shipping'] }],
        buckets: [{ name: 'prices', reads: true }],
        stores: [{ name: 'scans', reads: true }],
      });
      const work = workOn(tested.driver.name, await world.connectWith(tested, permissions));
      await read(work, 'ORDERS', 'shipping', 1);
      const bucket = (await work.client.bucket('prices')) as never;
      await readBucket(bucket);
      await listBucket(bucket);
      await readStore((await work.client.store('scans')) as never);
      expect(await world.violations()).toEqual([]);
    });
  },
);

describe.each(RELEASES)('on nats-server %s, what permissions do not name is refused', (release) => {
  it('to a client', async () => {
    const world = await permittedWorld(release);
    const permissions = clientPermissions({ sends: ['orders.get'], inboxPrefix: '_INBOX.gateway' });
    const publish = [
      'orders.set',
      'orders',
      '_INBOX.gateway.x',
      '_INBOX.x',
      '$JS.API.INFO',
      '$SYS.REQ.USER.AUTH',
    ];
    const subscribe = ['orders.get', '_INBOX.>', '_INBOX.orders.>', '>', '$SYS.>'];
    expect(await refusedOf(world, permissions, { publish, subscribe })).toEqual({ publish, subscribe });
  });

  it('to a client that sends nothing, nor has a builder nothing that means everything', async () => {
    const world = await permittedWorld(release);
    for (const permissions of [
      clientPermissions({}),
      servicePermissions({ handles: [], answers: 'none' }),
      servicePermissions({ handles: [] }),
      mergePermissions(clientPermissions({}), servicePermissions({ handles: [] })),
    ]) {
      const asked = { publish: ['orders.get', '_INBOX.x.y'], subscribe: ['orders.get', '>'] };
      expect(await refusedOf(world, permissions, asked)).toEqual(asked);
    }
  });

  it('to a service', async () => {
    const world = await permittedWorld(release);
    const permissions = mergePermissions(
      servicePermissions({ handles: ['orders.get', 'stock.*'], queue: 'workers' }),
      handoverPermissions({ inboxPrefix: '_INBOX.orders' }),
    );
    const asked = {
      publish: ['orders.get', '_INBOX.gateway.x.y', '_INBOX.orders.x.y', '_INBOX.x'],
      subscribe: [
        'orders.get',
        ['orders.get', 'others'],
        'stock.*.level',
        '_INBOX.gateway.x.*',
        'pricing.get',
      ] as const,
    };
    expect(await refusedOf(world, permissions, asked)).toEqual({
      publish: asked.publish,
      subscribe: asked.subscribe.map((entry) => [entry].flat()[0]),
    });
  });

  it('to a service whose handlers have groups of their own: it cannot take messages of the group of another', async () => {
    const world = await permittedWorld(release);
    const permissions = servicePermissions({ handles: ['orders.get'] });
    const groups = ['workers', 'instance-x', 'instance-x.orders.set'].map(
      (group) => ['orders.get', group] as const,
    );
    const { subscribe } = await refusedOf(world, permissions, { subscribe: groups });
    expect(subscribe).toEqual(groups.map(([subject]) => subject));
  });

  it('to a user of JetStream', async () => {
    const world = await permittedWorld(release, { jetStream: true });
    const permissions = jetstreamPermissions({
      streams: [{ name: 'ORDERS', publishes: ['orders.new'], reads: ['shipping'] }],
      buckets: [{ name: 'prices', reads: true }],
      stores: [{ name: 'scans', writes: true }],
      inboxPrefix: '_INBOX.app',
    });
    const publish = [
      'orders.old',
      '$JS.API.STREAM.DELETE.ORDERS',
      '$JS.API.STREAM.UPDATE.ORDERS',
      '$JS.API.STREAM.CREATE.ORDERS',
      '$JS.API.STREAM.PURGE.ORDERS',
      '$JS.API.STREAM.PURGE.KV_prices',
      '$JS.API.STREAM.INFO.OTHERS',
      '$JS.API.STREAM.MSG.GET.ORDERS',
      '$JS.API.STREAM.MSG.DELETE.KV_prices',
      '$JS.API.STREAM.LIST',
      '$JS.API.CONSUMER.CREATE.ORDERS',
      '$JS.API.CONSUMER.CREATE.ORDERS.mine',
      '$JS.API.CONSUMER.DELETE.ORDERS.shipping',
      '$JS.API.CONSUMER.MSG.NEXT.ORDERS.billing',
      '$JS.ACK.ORDERS.billing.1.1.1.1.0',
      '$KV.prices.a',
      '$KV.others.a',
      '$O.others.C.x',
      '$JS.API.CONSUMER.CREATE.OBJ_scans.x',
      '_INBOX.x',
    ];
    const subscribe = ['orders.new', '$KV.prices.>', '_INBOX.>', '$JS.>', '>'];
    expect(await refusedOf(world, permissions, { publish, subscribe })).toEqual({ publish, subscribe });
  });

  it('but deeper subjects than a star at the end names, which a server lets in unless they are denied', async () => {
    const world = await permittedWorld(release);
    const admin = await world.connect();
    const heardBy = async (permissions: UserPermissions) => {
      const nc = await world.connect(permissions);
      const heard: string[] = [];
      nc.subscribe('stock.>', { callback: (_error, { subject }) => void heard.push(subject) });
      await nc.flush();
      for (const subject of ['stock.a', 'stock.a.b']) admin.publish(subject);
      await admin.flush();
      await nc.flush();
      return heard;
    };
    const allow = ['stock.*'];
    expect(await heardBy({ subscribe: { allow } })).toEqual(['stock.a', 'stock.a.b']);
    expect(await heardBy({ subscribe: { allow, deny: ['stock.*.>'] } })).toEqual(['stock.a']);
  });
});
