// Starts two NATS servers that know nothing of each other, the service, and one that hears the events.
import { EventEmitter, once } from 'node:events';

import { getNatsAuthClientToken, type NatsAuthClient } from 'nestjs-nats-auth';
import { startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { startAudit } from './stand-in/audit.js';

async function demo() {
  const orders = await startNatsServer({
    config: 'authorization { users: [ { user: orders, password: secret } ] }',
  });
  const audit = await startNatsServer({ config: 'authorization { token: "for audit" }' });
  process.env['ORDERS_NATS_URL'] = orders.url;
  process.env['ORDERS_NATS_PASSWORD'] = 'secret';
  process.env['AUDIT_NATS_URL'] = audit.url;
  process.env['AUDIT_NATS_TOKEN'] = 'for audit';
  const heard = new EventEmitter<{ order: [number] }>();
  const auditApp = await startAudit(audit.url, 'for audit', (id) => heard.emit('order', id));
  const app = await bootstrap();

  const client = app.get<NatsAuthClient>(getNatsAuthClientToken('orders'));
  const event = once(heard, 'order') as Promise<[number]>;
  console.log('orders.cancel 7:', await firstValueFrom(client.send<object>('orders.cancel', 7)));
  console.log('The audit system heard of order', (await event)[0]);

  await app.close();
  await auditApp.close();
  await Promise.all([orders.stop(), audit.stop()]);
}

void demo();
