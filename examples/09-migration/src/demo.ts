// Starts a NATS server and the application twice, as it was and as it is, in one queue group: each asks, either answers.
import type { INestMicroservice } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { eventually, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap as bootstrapAfter } from './after/main.js';
import { bootstrap as bootstrapBefore } from './before/main.js';

async function demo() {
  const server = await startNatsServer({
    config: 'authorization { users: [ { user: orders, password: secret } ] }',
  });
  process.env['NATS_URL'] = server.url;
  process.env['NATS_PASSWORD'] = 'secret';
  const before = await bootstrapBefore();
  const after = await bootstrapAfter();

  console.log('both run, asked by the application before:', await ask(before), 'of 100 answered');
  console.log('both run, asked by the application after: ', await ask(after), 'of 100 answered');
  await before.close();
  // NestJS's transport does not wait for the server: until that knows, it sends requests to whoever has gone.
  await eventually(async () => (await server.connections()).length === 2);
  console.log('the one before has ended:                 ', await ask(after), 'of 100 answered');

  await after.close();
  await server.stop();
}

async function ask(app: INestMicroservice): Promise<number> {
  const client = app.get<ClientProxy>('PRICES', { strict: false });
  const requests = Array.from({ length: 100 }, () =>
    firstValueFrom(client.send<number>('orders.total', 'apple')),
  );
  return (await Promise.all(requests)).filter((price) => price === 5).length;
}

void demo();
