import { deepStrictEqual, rejects, strictEqual } from 'node:assert';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getNatsAuthServiceToken, NatsAuthModule, NatsAuthService } from 'nestjs-nats-auth';
import {
  type Admission,
  type Authorizer,
  type CalloutRequest,
  calloutServerConfig,
  NatsAuthCalloutHealthIndicator,
  NatsAuthCalloutModule,
  NatsAuthCalloutService,
  RefusedError,
} from 'nestjs-nats-auth/callout';
import { eventually, startNatsServer } from 'nestjs-nats-auth/testing';

/** Keys that exist for this check only. */
const ISSUER = 'ACIACHM6V4PXRYWTRPYLJARPCJKMOJO4KX6DWYMLZ4K35QQBIZJJJNUO';
const ISSUER_SEED = 'SAABSXLZGB37OQ4I3OSC67RHOQEYGPR7OPPT43OUK4ORVRZQGLXO2UHCJQ';
const CURVE_SEED = 'SXACXMQLQHUDJA7ISDCQC4JA5ABII64XIQY64JOUBH6TL6IIBZV26JVBLA';

@Injectable()
class People {
  knows(user?: string, pass?: string): boolean {
    return user === 'alice' && pass === 'wonderland';
  }
}

@Module({ providers: [People], exports: [People] })
class PeopleModule {}

/** Gets what it needs by type, so that decorator metadata has to work. */
@Injectable()
class PeopleAuthorizer implements Authorizer {
  constructor(private readonly people: People) {}

  async authorize({ credentials: { user = '', pass } }: CalloutRequest): Promise<Admission> {
    if (!this.people.knows(user, pass)) throw new RefusedError('The password is wrong.');
    return Promise.resolve({ name: user });
  }
}

/** A callout lets clients in or not, over a rotation of its own credentials and until its application ends. */
export async function callout(): Promise<void> {
  const server = await startNatsServer({
    config: calloutServerConfig({
      issuer: ISSUER,
      users: [{ user: 'callout', password: 'secret' }],
      accounts: ['APP'],
    }),
  });
  try {
    await rejects(startCallout(server.url, { xkey: CURVE_SEED }), { code: 'PACKAGE_MISSING' });
    await rejects(startCallout(server.url, { issuer: ISSUER }), /callout\.issuer/);
    const app = await startCallout(server.url, {});
    await comesIn(server.url, 'wonderland');
    await rejects(comesIn(server.url, 'looking-glass'), { code: 'REJECTED' });

    const nats = app.get<NatsAuthService>(getNatsAuthServiceToken('callout'));
    deepStrictEqual(await nats.rotate(), { server: 'rotated' });
    await comesIn(server.url, 'wonderland');

    strictEqual(app.get(NatsAuthCalloutService).status.listening, true);
    deepStrictEqual(app.get(NatsAuthCalloutHealthIndicator).check(), {
      callout: { status: 'up', state: 'up', listening: true },
    });
    await app.close();
    await eventually(async () => (await server.connections()).length === 0, {
      what: 'its connection to close',
    });
  } finally {
    await server.stop();
  }
}

function startCallout(url: string, options: { readonly issuer?: string; readonly xkey?: string }) {
  @Module({
    imports: [
      NatsAuthCalloutModule.forRootAsync({
        imports: [PeopleModule],
        useFactory: () => ({
          connection: { servers: url },
          callout: { issuer: ISSUER_SEED, accounts: ['APP'], ...options },
        }),
        userInfoProvider: { useValue: { getUserInfo: () => ({ user: 'callout', pass: 'secret' }) } },
        authorizer: PeopleAuthorizer,
      }),
    ],
  })
  class CalloutApp {}
  return NestFactory.createApplicationContext(CalloutApp, { logger: false, abortOnError: false });
}

/** Connects as a client of another application. */
async function comesIn(url: string, pass: string): Promise<void> {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers: url },
        rejection: { maxOnConnect: 1 },
        userInfoProvider: { getUserInfo: () => ({ user: 'alice', pass }) },
      }),
    ],
  })
  class ClientApp {}
  const app = await NestFactory.createApplicationContext(ClientApp, { logger: false });
  try {
    await (await app.get(NatsAuthService).connection()).flush();
  } finally {
    await app.close();
  }
}
