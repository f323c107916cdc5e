import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { JwksAuthorizer, NatsAuthCalloutModule } from 'nestjs-nats-auth/callout';

/** An application of its own: the NATS server asks it whether a client may come in. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthCalloutModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL') },
        callout: { issuer: config.getOrThrow<string>('CALLOUT_ISSUER'), accounts: ['APP'] },
      }),
      userInfoProvider: {
        useValue: { getUserInfo: () => ({ user: 'callout', pass: 'secret' }) },
      },
      authorizer: {
        inject: [ConfigService],
        useFactory: (config: ConfigService) =>
          new JwksAuthorizer({
            issuer: config.getOrThrow<string>('ISSUER'),
            audience: 'urn:nats',
            // The session ends with the token.
            admit: ({ client_id: client }) => ({ name: String(client) }),
            allowHttp: true, // the stand-in is on the loopback address
          }),
      },
    }),
  ],
})
export class CalloutModule {}
