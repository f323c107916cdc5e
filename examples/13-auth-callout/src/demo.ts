// Starts a NATS server that asks the callout, then clients with licences that are good, unknown and taken back.
import { connect } from '@nats-io/transport-node';
import { calloutServerConfig, createNkey, NatsAuthCalloutService } from 'nestjs-nats-auth/callout';
import { startNatsServer } from 'nestjs-nats-auth/testing';

import { Licences } from './licences.js';
import { bootstrap } from './main.js';

async function demo() {
  const issuer = createNkey('account');
  const curve = createNkey('curve');
  const server = await startNatsServer({
    config: calloutServerConfig({
      issuer: issuer.publicKey,
      xkey: curve.publicKey,
      accounts: ['APP'],
      users: [{ user: 'callout', password: 'only-the-callout-has-it' }],
    }),
  });

  process.env['NATS_URL'] = server.url;
  process.env['CALLOUT_ISSUER'] = issuer.seed;
  process.env['CALLOUT_XKEY'] = curve.seed;
  process.env['CALLOUT_PASSWORD'] = 'only-the-callout-has-it';
  const app = await bootstrap();

  app.get(Licences).grant('licence-of-acme', {
    customer: 'acme',
    validUntil: new Date(Date.now() + 600_000),
  });
  const tryIt = (token: string) =>
    connect({ servers: server.url, token, maxReconnectAttempts: 0 }).then(
      async (connection) => {
        console.log(`'${token}' is in`);
        await connection.close();
      },
      (error: unknown) => console.log(`'${token}' is not: ${String(error)}`),
    );
  await tryIt('licence-of-acme');
  await tryIt('licence-of-nobody');

  await app.get(NatsAuthCalloutService).revoke('acme');
  await tryIt('licence-of-acme');

  await app.close();
  await server.stop();
}

void demo();
