import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { Scene } from './harness/scene.js';
import { Secrets } from './harness/secrets.js';

const HOUR = 60 * 60_000;

it('every event there is, from a service in a cluster that one of its servers leaves', async () => {
  const secrets = new Secrets();
  const passwords = Array.from({ length: 20 }, () => secrets.word('password'));
  const entries = passwords.map((pass, i) => `{ user: svc${i}, password: "${pass}" }`);
  const config = `authorization { users: [ ${entries.join(', ')} ] }\n`;
  const cluster = await startNatsCluster(2, { config });
  onTestFinished(() => cluster.stop());
  const [server] = cluster.servers;
  if (!server) throw new Error('The cluster is empty.');
  let given = 0;
  const issue = () => ({ user: `svc${given}`, pass: passwords[given++] ?? '', expiresAt: Date.now() + HOUR });
  const scene = Scene.at({ server, issue }, secrets);

  await scene.start({
    connection: { servers: cluster.urls, gracefulShutdown: true, gracePeriod: 100 },
    refresh: { reuse: 1_000, retry: { maxAttempts: 1 } },
  });
  await scene.nats.rotate();
  scene.answer = () => Promise.reject(new Error('IAM is down'));
  await scene.failing(() => scene.nats.refresh());
  scene.answer = () => ({ user: 'svc0', pass: secrets.word('wrong password') });
  await scene.failing(() => scene.nats.rotate());
  scene.answer = issue;
  const inUse = () => {
    const { server: address = '' } = scene.nats.status.connections.server ?? {};
    return cluster.servers.find(({ url }) => url.endsWith(address)) ?? server;
  };
  const lost = inUse();
  await lost.kill();
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
