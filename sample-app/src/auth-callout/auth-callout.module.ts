import { type DynamicModule, Module } from '@nestjs/common';
import {
  JwksAuthorizer,
  NatsAuthCalloutModule,
  type PartialAdmission,
  type TokenClaims,
} from 'nestjs-nats-auth/callout';

import { ACCOUNT, type NatsSecrets } from '../nats/nats-configuration.js';
import { permissionsOf } from './permissions.js';

export interface CalloutSettings {
  readonly servers: readonly string[];
  readonly secrets: NatsSecrets;
  /** Issuer identifier of the identity provider. */
  readonly issuer: string;
  readonly audience: string;
  /** How long a session goes on after its token has expired, in ms; 0 is the strict choice. */
  readonly sessionGraceMs: number;
}

/** Answers nat-servers' question whether a client may come in, and as whom. */
@Module({})
export class AuthCalloutModule {
  static with({ servers, secrets, issuer, audience, sessionGraceMs }: CalloutSettings): DynamicModule {
    return {
      module: AuthCalloutModule,
      imports: [
        NatsAuthCalloutModule.forRoot({
          connection: { servers: [...servers], name: 'auth-callout', reconnectTimeWait: 250 },
          userInfoProvider: { useValue: { getUserInfo: () => secrets.callout } },
          // Ends the sessions of a service that is revoked.
          system: { userInfoProvider: { useValue: { getUserInfo: () => secrets.operator } } },
          authorizer: new JwksAuthorizer({
            issuer,
            audience,
            admit,
            // So that an identity provider may be away for a while. Without one, the server would end the connection with the token.
            sessionGrace: sessionGraceMs,
            // Signing keys are rotated by hand here, and perhaps quickly one after the other.
            cooldown: 250,
            allowHttp: true, // Everything here is on the loopback address.
          }),
          callout: { issuer: secrets.issuer.seed, xkey: secrets.curve.seed, accounts: [ACCOUNT] },
        }),
      ],
    };
  }
}

/** The NATS user that a token stands for. Whoever has no permissions here is not known. */
function admit({ client_id: service }: TokenClaims): PartialAdmission | undefined {
  const permissions = permissionsOf(String(service));
  return permissions && { name: String(service), permissions };
}
