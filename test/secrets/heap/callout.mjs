// A callout whose heap is written down at the moment that the parent names: while a client is looked at, or after all have been.
import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthCalloutModule, RefusedError } from 'nestjs-nats-auth/callout';

import { snapshot } from './moment.mjs';

const { servers, user, callout, path } = JSON.parse(process.argv[2]);

const authorizer = {
  authorize({ client, credentials }) {
    if (client.name === 'refused') throw new RefusedError('Nobody knows it.');
    if (client.name === 'failing') throw new Error(`No row where password = '${credentials.pass}'`);
    if (client.name === 'held') {
      process.send('held');
      return new Promise(() => {});
    }
    return { name: 'svc' };
  },
};
class AppModule {}
Module({
  imports: [
    NatsAuthCalloutModule.forRoot({
      connection: { servers },
      callout,
      userInfoProvider: { useValue: { getUserInfo: () => user } },
      authorizer: { useValue: authorizer },
    }),
  ],
})(AppModule);
const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
process.on('message', async () => {
  await snapshot(path);
  process.send('written');
  process.on('disconnect', () => app.close());
});
process.send('listening');
