import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthCalloutModule } from 'nestjs-nats-auth/callout';

import { LicenceAuthorizer } from './licence-authorizer.js';
import { LicencesModule } from './licences.module.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    LicencesModule,
    NatsAuthCalloutModule.forRootAsync({
      imports: [LicencesModule],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL') },
        callout: {
          issuer: config.getOrThrow<string>('CALLOUT_ISSUER'), // SA…
          xkey: config.getOrThrow<string>('CALLOUT_XKEY'), // SX…
          accounts: ['APP'],
        },
      }),
      // The callout's own credentials; they may come from anywhere, and change.
      userInfoProvider: {
        inject: [ConfigService],
        useFactory: (config: ConfigService) => ({
          getUserInfo: () => ({ user: 'callout', pass: config.getOrThrow<string>('CALLOUT_PASSWORD') }),
        }),
      },
      authorizer: LicenceAuthorizer,
    }),
  ],
})
export class AppModule {}
