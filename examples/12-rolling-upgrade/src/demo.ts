// Starts a cluster of three NATS servers and the service, and upgrades one server after the other under load.
import { setTimeout as pause } from 'node:timers/promises';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';

async function demo() {
  const cluster = await startNatsCluster(3, {
    config: `authorization { users: [ { user: orders, password: secret } ] }
      lame_duck_duration: 30s
      lame_duck_grace_period: 10s`,
  });
  process.env['NATS_URLS'] = cluster.urls.join(',');
  process.env['NATS_PASSWORD'] = 'secret';
  const app = await bootstrap();
  const problems: string[] = [];

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
    // As the readiness probe of a pod does: a server that does not know yet who answers what takes no clients.
    await eventually(() => knowsHandlers(server), { what: `server ${n + 1} to be ready` });
  }
  enough.abort();
  await requests;
  console.log('lost requests:', problems.length, ...problems.slice(0, 3));

  await app.close();
  await cluster.stop();
}

/** Whether the other servers have told it of the handlers. */
async function knowsHandlers(server: NatsServer): Promise<boolean> {
  const routes = await (await fetch(`${server.monitorUrl}/routez?subs=1`)).text();
  return routes.includes('"orders.get');
}

void demo();
