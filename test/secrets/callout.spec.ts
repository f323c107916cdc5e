import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connect } from '@nats-io/transport-node';
import {
  type Admission,
  type Authorizer,
  getNatsAuthCalloutToken,
  NatsAuthCalloutHealthIndicator,
  NatsAuthCalloutModule,
  type NatsAuthCalloutService,
  RefusedError,
} from 'nestjs-nats-auth/callout';
import { Registry } from 'prom-client';
import { it, onTestFinished } from 'vitest';

import { calloutServerConfig } from '../../libs/callout/index.js';
import { eventually } from '../../libs/testing/index.js';
import { accountKeys, curveKeys, nkeyCredentials, userKeys } from '../callout/harness/keys.js';
import { CALLOUT_EVENT_NAMES } from '../support/event-names.js';
import { serverForTest } from '../support/server-for-test.js';
import { Ears } from './harness/ears.js';
import { Secrets } from './harness/secrets.js';

/** What the authorizer does with clients of that name. It is as careless as an authorizer can be. */
const careless = (ears: Ears): Record<string, (words: string) => Admission | undefined> => ({
  refused: (words) => {
    throw new RefusedError(`Nobody has ${words}.`);
  },
  failing: (words) => {
    throw ears.exempt(new Error(`No row where password = '${words}'`));
  },
  rubbish: (words) => ({ name: 'x', expiresAt: words, permissions: { publish: words } }) as never,
});

it('a callout tells none of what clients present, however careless its authorizer is, nor one of its keys', async () => {
  const [ears, secrets] = [new Ears(), new Secrets()];
  onTestFinished(() => ears.close());
  const [issuer, curve, own] = [accountKeys(), curveKeys(), userKeys()];
  for (const { seed } of [issuer, curve, own]) secrets.keep('seed', seed);
  const server = await serverForTest({
    config: calloutServerConfig({
      issuer: issuer.publicKey,
      xkey: curve.publicKey,
      users: [{ nkey: own.publicKey }],
      accounts: ['APP'],
    }),
  });
  const authorizer: Authorizer = {
    authorize: (request) => {
      ears.hear('the request', request, { ...request }, request.credentials);
      const { pass, token, jwt } = request.credentials;
      const act = careless(ears)[request.client.name ?? ''];
      return act?.(pass ?? token ?? jwt?.token ?? '') ?? { name: 'svc' };
    },
  };
  const registry = new Registry();
  @Module({
    imports: [
      NatsAuthCalloutModule.forRoot({
        connection: { servers: server.url },
        metrics: { registry },
        callout: { issuer: issuer.seed, xkey: curve.seed, accounts: ['APP'] },
        userInfoProvider: { useValue: { getUserInfo: () => ({ seed: own.seed, nkey: own.publicKey }) } },
        authorizer: { useValue: authorizer },
      }),
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ears.logger });
  onTestFinished(() => app.close());
  const service = app.get<NatsAuthCalloutService>(getNatsAuthCalloutToken());
  let ended = 0;
  for (const name of CALLOUT_EVENT_NAMES) {
    service.on(name, (event) => {
      ears.hear(`event ${name}`, event);
      if (['admitted', 'refused', 'failed', 'discarded'].includes(name)) ended++;
    });
  }

  const word = () => secrets.word('presented');
  let dialled = 0;
  for (const name of ['admitted', ...Object.keys(careless(ears))]) {
    const jwt = `eyJ0eXAiOiJKV1QifQ.${Buffer.from(JSON.stringify({ sub: word(), is: word() })).toString('base64url')}.${word()}`;
    const presented = [
      { user: 'svc', pass: word() },
      { token: word() },
      { user: 'svc', pass: secrets.keep('jwt', jwt) },
      nkeyCredentials(userKeys()),
    ];
    for (const credentials of presented) {
      dialled++;
      const client = await connect({ servers: server.url, name, reconnect: false, ...credentials }).catch(
        () => undefined,
      );
      await client?.close();
    }
  }
  await eventually(() => ended === dialled, { what: 'the end of each request' });
  ears.hear('status', service, service.status, service.health());
  ears.hear('health', app.get(NatsAuthCalloutHealthIndicator));
  ears.read('metrics', await registry.metrics());
  await app.close();
  ears.hear('inspection', service);
  // 2.10 writes what the callout refused for into its log.
  ears.read('log of the server', await server.log());
  ears.close();
  ears.expectNo(secrets, 'log', 'event', 'status', 'health', 'metrics', 'inspection', 'the request');
});
