// Starts a NATS server and the service, then replaces the Secret as Kubernetes does.
import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { MountedSecret } from './stand-in/mounted-secret.js';

async function demo() {
  const server = await startNatsServer({ config: accepting('orders-blue', 'orders-green') });
  const secret = await MountedSecret.mount({ username: 'orders-blue', password: 'of orders-blue' });
  process.env['NATS_URL'] = server.url;
  process.env['NATS_SECRET_DIR'] = secret.folder;
  const app = await bootstrap();
  const ask = (id: number) => firstValueFrom(app.get(NatsAuthClient).send<object>('orders.get', id));
  console.log('orders.get 7:', await ask(7));
  console.log('NATS: connected as', await usersOf(server));

  await secret.update({ username: 'orders-green', password: 'of orders-green' });
  console.log('The Secret was replaced.');
  await eventually(async () => (await usersOf(server)) === 'orders-green', { timeoutMs: 30_000 });
  console.log('NATS: connected as', await usersOf(server));

  await server.reload(accepting('orders-green'));
  console.log('The server knows the old user no more.');
  console.log('orders.get 8:', await ask(8));

  await app.close();
  await server.stop();
  await secret.unmount();
}

function accepting(...users: string[]): string {
  const lines = users.map((user) => `{ user: ${user}, password: "of ${user}" }`);
  return `authorization { users: [ ${lines.join(', ')} ] }`;
}

async function usersOf(server: NatsServer): Promise<string> {
  const users = (await server.connections()).map((connection) => connection.authorized_user);
  return [...new Set(users)].sort().join(', ');
}

void demo();
