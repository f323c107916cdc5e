// Starts a NATS server, a service that knows prices, and the gateway: first with a wrong password, then with the right one.
import type { NatsAuthError } from 'nestjs-nats-auth';
import { freePort, startNatsServer } from 'nestjs-nats-auth/testing';

import { bootstrap } from './main.js';
import { startPrices } from './stand-in/prices.js';

async function demo() {
  const server = await startNatsServer({
    config: `authorization { users: [
      { user: gateway, password: "of gateway" }, { user: prices, password: "of prices" }
    ] }`,
  });
  const prices = await startPrices(server.url);
  process.env['NATS_URL'] = server.url;

  process.env['NATS_PASSWORD'] = 'wrong';
  await bootstrap(await freePort()).catch((error: unknown) => {
    console.log('wrong password: the gateway does not start:', (error as NatsAuthError).code);
  });

  process.env['NATS_PASSWORD'] = 'of gateway';
  const port = await freePort();
  const gateway = await bootstrap(port);
  const users = (await server.connections()).map((connection) => connection.authorized_user);
  console.log('connected before the first request:', users.includes('gateway'));
  const response = await fetch(`http://127.0.0.1:${port}/prices/apple`);
  console.log('GET /prices/apple:', response.status, await response.json());

  await gateway.close();
  await prices.close();
  await server.stop();
}

void demo();
