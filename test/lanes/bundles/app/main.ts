// An application that prints what it found and ends.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  type NatsAuthError,
  NatsAuthModule,
  NatsAuthService,
  natsAuthConfig,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import * as main from 'nestjs-nats-auth';
import * as providers from 'nestjs-nats-auth/providers';
import * as testing from 'nestjs-nats-auth/testing';
import { isNatsAuthError, type Orders, OrdersModule, shared } from 'orders-library';
import { register } from 'prom-client';
import { firstValueFrom } from 'rxjs';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'first' }) };

@Controller()
class OrdersController {
  @MessagePattern('orders.place')
  place(order: string): string {
    return `placed ${order}`;
  }
}

@Module({
  imports: [
    NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), isGlobal: true, userInfoProvider }),
    OrdersModule.forRoot({
      connection: { servers: process.env['NATS_SERVERS'] ?? '' },
      userInfoProvider,
    }),
  ],
  controllers: [OrdersController],
})
class AppModule {}

async function run(): Promise<void> {
  const service = await NestFactory.createMicroservice(AppModule, {
    ...natsAuthTransport(),
    logger: ['error', 'warn'],
  });
  await service.listen();
  const orders = service.get<Orders>('ORDERS');
  const found = {
    application: await firstValueFrom(orders.ofApplication.send<string>('orders.place', 'a')),
    library: await firstValueFrom(orders.ofLibrary.send<string>('orders.place', 'b')),
    closed: await closedError(service.get(NatsAuthService), () => service.close()),
    metrics: /nats_auth_connects_total\{.*connection="library".*\} 1/.test(await register.metrics()),
    other: Object.entries(shared)
      .filter(([name, value]) => !Object.is(value, { ...main, ...providers, ...testing }[name as never]))
      .map(([name]) => name),
  };
  console.log(JSON.stringify(found));
}

/** How an error of this package looks after a minifier, and to the library. */
async function closedError(service: NatsAuthService, close: () => Promise<void>): Promise<object> {
  await close();
  const error: unknown = await service.refresh().catch((thrown: unknown) => thrown);
  const { name, code } = error as NatsAuthError;
  return { name, code, known: isNatsAuthError(error) };
}

void run();
