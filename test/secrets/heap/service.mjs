// A service that serves, rotates and reconnects, and whose heap is written down at the moment that the last argument names.
import 'reflect-metadata';

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthModule,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

import { providerFrom, snapshot } from './moment.mjs';

const [servers, folder, rotations, path, moment] = process.argv.slice(2);

class EchoController {
  echo() {
    return 'hello';
  }
}
Controller()(EchoController);
MessagePattern('echo')(
  EchoController.prototype,
  'echo',
  Object.getOwnPropertyDescriptor(EchoController.prototype, 'echo'),
);

async function serve() {
  class AppModule {}
  Module({
    imports: [
      NatsAuthModule.forRoot({
        ...JSON.parse(readFileSync(join(folder, 'options.json'), 'utf8')),
        connection: { servers },
        userInfoProvider: providerFrom(folder),
      }),
    ],
    controllers: [EchoController],
  })(AppModule);
  const app = await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false });
  await app.listen();
  const client = app.get(NatsAuthClient);
  await firstValueFrom(client.send('echo', 1));
  for (let rotation = 0; rotation < Number(rotations); rotation++) {
    await app.get(NatsAuthService).rotate();
    await firstValueFrom(client.send('echo', 1));
  }
  // One after the other, so that each asks for user info of its own.
  await reconnected(app, NatsAuthServer);
  await reconnected(app, NatsAuthClient);
  const connection = client.unwrap();
  if (moment === 'serving') await snapshot(path);
  await app.close();
  return { app, client, connection };
}

async function reconnected(app, role) {
  const connected = new Promise((resolve) => app.get(NatsAuthService).on('connected', resolve));
  await app.get(role).unwrap().reconnect();
  await connected;
}

let held = await serve();
if (moment === 'dropped') held = undefined;
if (moment !== 'serving') await snapshot(path);
console.log(held ? 'held' : 'dropped');
