// Starts the stand-in for KMS and issuer, a NATS server that trusts the issuer, and the service.
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { bootstrap } from './main.js';
import { startKmsAndIssuer } from './stand-in/kms-and-issuer.js';

async function demo() {
  const kms = await startKmsAndIssuer({ jwtSeconds: 5 });
  const server = await startNatsServer({ config: kms.serverConfig });
  process.env['NATS_URL'] = server.url;
  process.env['KMS_URL'] = kms.url;
  process.env['ISSUER_URL'] = kms.url;
  const app = await bootstrap();
  const ask = (id: number) => firstValueFrom(app.get(NatsAuthClient).send<object>('orders.get', id));
  console.log('orders.get 7:', await ask(7));
  console.log(
    `The KMS has signed ${kms.signed()} nonces: for the connection of the handlers, and the client's.`,
  );

  const moved = new Set<string>();
  app.get(NatsAuthService).on('rotated', ({ role }) => moved.add(role));
  await eventually(() => moved.size === 2);
  console.log('The JWT was about to expire, so both connections have moved to a new one.');
  console.log('orders.get 8:', await ask(8));

  await app.close();
  await server.stop();
  kms.stop();
}

void demo();
