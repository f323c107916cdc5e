// Starts a NATS server and the application, looks at it over HTTP, and takes the server away for a while.
import { eventually, freePort, startNatsServer } from 'nestjs-nats-auth/testing';

import { bootstrap } from './main.js';

async function demo() {
  const server = await startNatsServer({
    config: 'authorization { users: [ { user: orders, password: secret } ] }',
  });
  process.env['NATS_URL'] = server.url;
  process.env['NATS_PASSWORD'] = 'secret';
  const port = await freePort();
  const app = await bootstrap(port);
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

  const order = await get('/orders/7');
  console.log('GET /orders/7:', order.status, await order.json());
  console.log('GET /health:', (await get('/health')).status);
  const metrics = (await (await get('/metrics')).text()).split('\n');
  console.log('GET /metrics:');
  for (const line of metrics.filter((one) => one.startsWith('nats_auth_connected{')))
    console.log(`  ${line}`);

  await server.kill();
  await eventually(async () => (await get('/health')).status === 503);
  console.log('The NATS server is away. GET /health: 503');
  await server.restart();
  await eventually(async () => (await get('/health')).status === 200);
  console.log('The NATS server is back. GET /health: 200');
  console.log('GET /orders/8:', (await get('/orders/8')).status);

  await app.close();
  await server.stop();
}

void demo();
