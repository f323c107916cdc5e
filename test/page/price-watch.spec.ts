import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

import { PriceWatch } from '../../sample-app/src/gateway/price-watch.js';
import { PRICES } from '../../sample-app/src/pricing/prices.js';

/** nats.js needs a minute. A new watch may be given to the server that is away, which takes five seconds to find out. */
const WITHIN_MS = 45_000;

it('goes on watching while the server that its watch lived on is away, and misses no revision', async () => {
  const cluster = await startNatsCluster(3, { jetstream: true });
  onTestFinished(() => cluster.stop());
  const connections = await Promise.all(
    ['watches', 'changes prices'].map((name) =>
      connect({ name, servers: cluster.urls, maxReconnectAttempts: -1, reconnectTimeWait: 100 }),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(connections.map((nc) => nc.close()));
  });
  const [watching, changing] = connections;
  if (!watching || !changing) throw new Error('There are two connections.');
  // A cluster that has just formed may find no room for a copy yet.
  const options = { replicas: 3, history: 64 };
  const create = () => new Kvm(changing).create(PRICES, options);
  const bucket = await eventually(create, { what: 'a bucket', timeoutMs: WITHIN_MS });
  const change = () =>
    eventually(() => bucket.put('apples', '120'), { what: 'a change', timeoutMs: WITHIN_MS });

  const watch = new PriceWatch(watching);
  onTestFinished(() => watch.onApplicationShutdown());
  watch.onApplicationBootstrap();
  const heardOf = async (revision: number) =>
    eventually(() => watch.view.revision >= revision, { what: `revision ${revision}`, timeoutMs: WITHIN_MS });
  await heardOf(await change());
  await heardOf(await change());

  const manager = await jetstreamManager(changing);
  const [consumer] = await manager.consumers.list(`KV_${PRICES}`).next();
  const home = cluster.servers[Number(/^n(\d)$/.exec(consumer?.cluster?.leader ?? '')?.[1])];
  if (!home) throw new Error('The watch lives nowhere.');
  await home.kill();
  await change();
  await heardOf(await change());
  expect(watch.view.missed).toBe(0);
}, 120_000);
