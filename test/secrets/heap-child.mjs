// A service that rotates through the passwords of users svc0, svc1 … and writes heap snapshots: one while it runs, one after its close.
// Each password is made from a seed when the provider is asked, so that nothing but the package has a reason to keep it.
import 'reflect-metadata';

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthModule, NatsAuthService, natsAuthTransport } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

const [, , servers, seed, users, whileRunning, afterClose] = process.argv;

let asked = 0;
const userInfoProvider = {
  useValue: {
    getUserInfo: async () => {
      const n = Math.min(asked++, Number(users) - 1);
      return { user: `svc${n}`, pass: createHash('sha256').update(`${seed} ${n}`).digest('base64url') };
    },
  },
};

class EchoController {
  echo() {
    return 'echo';
  }
}
Controller()(EchoController);
MessagePattern('echo')(
  EchoController.prototype,
  'echo',
  Object.getOwnPropertyDescriptor(EchoController.prototype, 'echo'),
);

async function serveAndClose() {
  class AppModule {}
  Module({
    imports: [NatsAuthModule.forRoot({ connection: { servers }, userInfoProvider })],
    controllers: [EchoController],
  })(AppModule);
  const app = await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false });
  await app.listen();
  const [client, nats] = [app.get(NatsAuthClient), app.get(NatsAuthService)];
  await firstValueFrom(client.send('echo', 1));
  while (asked < Number(users)) {
    await nats.rotate();
    await firstValueFrom(client.send('echo', 1));
  }
  await snapshot(whileRunning);
  await app.close();
}

await serveAndClose();
await snapshot(afterClose);

async function snapshot(path) {
  for (let turn = 0; turn < 10; turn++) {
    await setImmediate();
    globalThis.gc();
  }
  writeHeapSnapshot(path);
}
