import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { NatsStartup } from './nats-startup.service.js';
import { NatsUserInfoProvider } from './nats-user-info.provider.js';
import { PricesController } from './prices.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL') },
      }),
      userInfoProvider: NatsUserInfoProvider,
    }),
  ],
  controllers: [PricesController],
  providers: [NatsStartup],
})
export class AppModule {}
