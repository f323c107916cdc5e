import type { NatsConnection } from '@nats-io/transport-node';
import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startHostileServer } from '../support/hostile-server.js';
import { Scene } from './harness/scene.js';
import { Secrets } from './harness/secrets.js';

const HOUR = 60 * 60_000;

it('every event there is, from a service in a cluster that one of its servers leaves', async () => {
  const secrets = new Secrets();
  const passwords = Array.from({ length: 20 }, () => secrets.word('password'));
  // Those of the first connects may not hear everything.
  const limits = (i: number) => (i < 2 ? ', permissions: { subscribe: { deny: rare } }' : '');
  const entries = passwords.map((pass, i) => `{ user: svc${i}, password: "${pass}"${limits(i)} }`);
  const config = `authorization { users: [ ${entries.join(', ')} ] }\n`;
  const cluster = await startNatsCluster(2, { config });
  onTestFinished(() => cluster.stop());
  const [server] = cluster.servers;
  if (!server) throw new Error('The cluster is empty.');
  const closing = await startHostileServer([
    {
      say: Buffer.from('INFO {"server_id":"S","version":"2.10.0","max_payload":1048576,"headers":true}\r\n'),
    },
    { await: 'CONNECT' },
    { end: 'end' },
  ]);
  onTestFinished(() => closing.stop());
  let given = 0;
  const issue = () => ({ user: `svc${given}`, pass: passwords[given++] ?? '', expiresAt: Date.now() + HOUR });
  const scene = Scene.at({ server, issue }, secrets);

  await scene.start({
    connection: {
      servers: [`127.0.0.1:${closing.port}`, ...cluster.urls],
      noRandomize: true,
      gracefulShutdown: true,
      gracePeriod: 100,
    },
    refresh: { reuse: 1_000, retry: { maxAttempts: 1 } },
  });
  scene.client.unwrap<{ subscribe(subject: string): unknown }>().subscribe('of.the.application');
  await scene.nats.rotate();
  scene.answer = () => Promise.reject(new Error('IAM is down'));
  await scene.failing(() => scene.nats.refresh());
  scene.answer = () => ({ user: 'svc0', pass: secrets.word('wrong password') });
  await scene.failing(() => scene.nats.rotate());
  scene.answer = issue;
  const injected = await scene.nats.connection<NatsConnection>();
  injected.subscribe('throws', {
    callback: () => {
      throw new Error('no price');
    },
  });
  injected.publish('throws');
  await scene.until('callbackFailed');
  const inUse = () => {
    const { server: address = '' } = scene.nats.status.connections.server ?? {};
    return cluster.servers.find(({ url }) => url.endsWith(address)) ?? server;
  };
  const lost = inUse();
  const nc = scene.client.unwrap<{ publish(subject: string, data: Uint8Array): void }>();
  const unsubscribe = scene.nats.on('disconnected', ({ role }) => {
    if (role !== 'client') return;
    for (let megabyte = 0; megabyte < 10; megabyte++) nc.publish('while.down', Buffer.alloc(1024 * 1024));
  });
  await lost.kill();
  await scene.until('outputDropped');
  unsubscribe();
  await scene.answered();
  await lost.restart();
  await cluster.formed();
  const leaving = inUse();
  leaving.lameDuck();
  await scene.until('lameDuck');
  await eventually(() => inUse() !== leaving, { what: 'the other server to take over' });
  const cutOff = scene.failing(() => firstValueFrom(scene.client.send('slow', 'hello')));
  await eventually(() => scene.slow > 0, { what: 'a handler to begin' });
  await scene.end();
  scene.finish();
  await cutOff;
  expect(scene.ears.unheard).toEqual([]);
});
