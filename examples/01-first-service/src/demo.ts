// Starts a NATS server and the service, sends requests, and changes the password between them.
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { PasswordsService } from './passwords.service.js';

async function demo() {
  const server = await startNatsServer({ config: accepting('first') });
  process.env['NATS_URL'] = server.url;
  const app = await bootstrap();
  const ask = (id: number) => firstValueFrom(app.get(NatsAuthClient).send<object>('orders.get', id));
  console.log('orders.get 7:', await ask(7));

  const askedBecause = new Set<string>();
  app.get(NatsAuthService).on('refreshed', ({ reason }) => askedBecause.add(reason));
  app.get(PasswordsService, { strict: false }).change('second');
  await server.reload(accepting('second'));
  console.log('The password was changed, so the server has ended the connections.');
  console.log('orders.get 8:', await ask(8));
  console.log('The provider was asked again, because:', ...askedBecause);

  await app.close();
  await server.stop();
}

const accepting = (password: string) =>
  `authorization { users: [ { user: orders, password: ${password} } ] }`;

void demo();
