// Starts a NATS server, a stand-in for Vault and the service, and sends requests until the first passwords are worth nothing.
import { setTimeout as pause } from 'node:timers/promises';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { configuration, startVault } from './stand-in/vault.js';

async function demo() {
  const server = await startNatsServer({ config: configuration() });
  const vault = await startVault(server, { leaseSeconds: 4 });
  process.env['NATS_URL'] = server.url;
  process.env['VAULT_ADDR'] = vault.url;
  process.env['VAULT_TOKEN'] = 'of-this-service';
  const app = await bootstrap();

  let unanswered = 0;
  const enough = new AbortController();
  const requests = (async () => {
    for (let id = 1; !enough.signal.aborted; id++) {
      await pause(5);
      await firstValueFrom(app.get(NatsAuthClient).send('orders.get', id)).catch(() => unanswered++);
    }
  })();
  await eventually(async () => (await usersOf(server)).length === 2);
  console.log('NATS: the service is connected as', ...(await usersOf(server)));
  await eventually(() => vault.ended() === 2);
  console.log('Vault: their leases have ended, the server accepts these users no more');
  const newer = (await usersOf(server)).every((user) => !['v-orders-1', 'v-orders-2'].includes(user));
  console.log('NATS: the service has moved to a newer user before:', newer);

  enough.abort();
  await requests;
  console.log(`requests without an answer: ${unanswered}`);

  await app.close();
  await vault.stop();
  await server.stop();
}

async function usersOf(server: NatsServer): Promise<string[]> {
  const users = (await server.connections()).map((connection) => connection.authorized_user ?? '');
  return [...new Set(users)].sort();
}

void demo();
