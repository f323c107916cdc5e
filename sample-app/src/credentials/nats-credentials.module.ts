import type { DynamicModule } from '@nestjs/common';
import { type MetricsOptions, NatsAuthModule } from 'nestjs-nats-auth';
import { ClientCredentialsProvider } from 'nestjs-nats-auth/providers';

/** What a service is told about its surroundings. */
export interface ServiceSettings {
  readonly servers: readonly string[];
  /** Issuer identifier of the identity provider. */
  readonly issuer: string;
  readonly clientSecret: string;
}

/** NATS for one service: each connection presents an access token that was fetched for it. */
export function natsFor(
  service: string,
  settings: ServiceSettings,
  metrics: MetricsOptions = {},
): DynamicModule {
  const { servers, issuer, clientSecret } = settings;
  return NatsAuthModule.forRootAsync({
    name: service,
    useFactory: () => ({
      connection: { servers: [...servers], name: service, reconnectTimeWait: 250 },
      // Back soon after the identity provider is.
      refresh: { retry: { maxDelay: 1_000 } },
      metrics,
    }),
    userInfoProvider: {
      useFactory: () =>
        new ClientCredentialsProvider({
          issuer,
          clientId: service,
          authentication: { method: 'client_secret_basic', secret: clientSecret },
          allowHttp: true, // Everything here is on the loopback address.
        }),
    },
  });
}
