// Starts a cluster of three NATS servers and the service, and upgrades one server after the other under load.
import { setTimeout as pause } from 'node:timers/promises';

import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';

async function demo() {
  const cluster = await startNatsCluster(3, {
    config: `authorization { users: [ { user: orders, password: secret } ] }
      lame_duck_duration: 30s
      lame_duck_grace_period: 5s`,
  });
  process.env['NATS_URLS'] = cluster.urls.join(',');
  process.env['NATS_PASSWORD'] = 'secret';
  const app = await bootstrap();
  const problems: string[] = [];
  app.get(NatsAuthService).on('disconnected', ({ role }) => problems.push(`${role} lost its connection`));

  const enough = new AbortController();
  const requests = (async () => {
    for (let id = 1; !enough.signal.aborted; id++) {
      await firstValueFrom(app.get(NatsAuthClient).send('orders.get', id)).catch((error: unknown) =>
        problems.push(String(error)),
      );
      await pause(2);
    }
  })();
  for (const [n, server] of cluster.servers.entries()) {
    server.lameDuck(); // as `nats-server --signal ldm` and Kubernetes' preStop hook do
    await server.ended();
    console.log(`server ${n + 1}: all clients have moved to another one, it has ended`);
    await server.restart();
    await cluster.formed();
  }
  enough.abort();
  await requests;
  console.log('lost requests and connections:', problems.length, ...problems);

  await app.close();
  await cluster.stop();
}

void demo();
