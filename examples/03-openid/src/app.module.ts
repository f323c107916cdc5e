import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';
import { ClientCredentialsProvider } from 'nestjs-nats-auth/providers';

import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
      }),
      userInfoProvider: {
        inject: [ConfigService],
        useFactory: (config: ConfigService) =>
          new ClientCredentialsProvider({
            issuer: config.getOrThrow<string>('ISSUER'),
            clientId: 'orders',
            authentication: {
              method: 'client_secret_basic',
              secret: () => config.getOrThrow<string>('CLIENT_SECRET'),
            },
            allowHttp: true, // the stand-in is on the loopback address
          }),
      },
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
