// Starts an OpenID provider, a NATS server with an auth callout, and the service; waits until its tokens were renewed.
import { NestFactory } from '@nestjs/core';
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { calloutServerConfig, createNkey, NatsAuthCalloutService } from 'nestjs-nats-auth/callout';
import { eventually, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { CalloutModule } from './callout/callout.module.js';
import { bootstrap } from './main.js';
import { startIdentityProvider } from './stand-in/identity-provider.js';

async function demo() {
  const identityProvider = await startIdentityProvider({ tokenSeconds: 6 });
  const issuer = createNkey('account');
  const server = await startNatsServer({
    config: calloutServerConfig({
      issuer: issuer.publicKey,
      accounts: ['APP'],
      users: [{ user: 'callout', password: 'secret' }],
      timeout: 5_000,
    }),
  });
  process.env['NATS_URL'] = server.url;
  process.env['ISSUER'] = identityProvider.issuer;
  process.env['CLIENT_SECRET'] = identityProvider.clientSecret;
  process.env['CALLOUT_ISSUER'] = issuer.seed;

  const callout = await NestFactory.createApplicationContext(CalloutModule, { logger: ['warn', 'error'] });
  const admitted = new Set<string>();
  callout.get(NatsAuthCalloutService).on('admitted', ({ name }) => admitted.add(name));

  const app = await bootstrap();
  const ask = (id: number) => firstValueFrom(app.get(NatsAuthClient).send<object>('orders.get', id));
  console.log('orders.get 7:', await ask(7));
  console.log('The auth callout has checked the token, and admitted:', ...admitted);

  const moved = new Set<string>();
  app.get(NatsAuthService).on('rotated', ({ role }) => moved.add(role));
  await eventually(() => moved.size === 2);
  console.log('The token was about to expire, so both connections have moved to a new one.');
  console.log('orders.get 8:', await ask(8));

  await app.close();
  await callout.close();
  await server.stop();
  identityProvider.stop();
}

void demo();
