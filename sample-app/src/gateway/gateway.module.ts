import { type DynamicModule, Module } from '@nestjs/common';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { IssuerClientModule } from '../issuer/issuer-client.module.js';
import { GatewayController } from './gateway.controller.js';
import { GatewayUserInfoProvider } from './gateway.user-info-provider.js';

@Module({})
export class GatewayModule {
  static with(natsUrl: string, issuerUrl: string): DynamicModule {
    const issuer = IssuerClientModule.at(issuerUrl);
    return {
      module: GatewayModule,
      imports: [
        issuer,
        NatsAuthModule.forRootAsync({
          imports: [issuer],
          useFactory: () => ({ connection: { servers: natsUrl, name: 'gateway', reconnectTimeWait: 250 } }),
          userInfoProvider: GatewayUserInfoProvider,
        }),
      ],
      controllers: [GatewayController],
    };
  }
}
