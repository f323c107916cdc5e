import { eventually } from 'nestjs-nats-auth/testing';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { describe, onTestFinished } from 'vitest';

import { dialsInVain } from './harness/dials-in-vain.js';
import { failingStartCase } from './harness/failing-start-case.js';
import { faultCase } from './harness/fault-case.js';
import type { Performance } from './harness/scene.js';
import { calloutStage, operatorStage } from './harness/stages.js';
import { startFaultCase } from './harness/start-fault-case.js';

const rejected = (_: unknown, { truth }: Performance) =>
  eventually(async () => (await truth.value('rejections_total', {})) > 2, { what: 'rejections' });

describe('an auth-callout service', () => {
  faultCase({
    name: 'is down when everybody reconnects',
    row: 'calloutDown',
    on: calloutStage,
    cause: async ({ stage: { service, proxy } }) => {
      await service.stop();
      proxy.breakOpen('reset');
    },
    until: rejected,
    leaves: 0,
    undo: ({ stage }) => stage.service.start(),
    counts: ['rejections_total{}'],
  });
  faultCase({
    name: 'is slower than the server waits',
    row: 'calloutDown',
    on: calloutStage,
    cause: async ({ stage: { service, proxy } }) => {
      await service.start(60_000);
      proxy.breakOpen('reset');
    },
    until: rejected,
    leaves: 0,
    undo: ({ stage }) => stage.service.start(),
    counts: ['rejections_total{}'],
  });
  startFaultCase({
    name: 'is down as the application starts',
    row: 'calloutDown',
    on: calloutStage,
    cause: ({ stage }) => stage.service.stop(),
    undo: async ({ stage, provider }) => {
      await eventually(() => provider.calls.length > 2, { what: 'rejections' });
      await stage.service.start();
    },
    counts: ['rejections_total{}'],
  });
});

/**
 * Of the server's connection only: that of the client may be writing when the server ends it, and then Node.js drops the
 * server's last words with the socket.
 */
const endOf = (error: string) => `rejections_total{role=server,error=${error}}`;

describe('a server in operator mode', () => {
  faultCase({
    name: 'gets JWTs that have expired, three times',
    row: 'expiredJwt',
    on: operatorStage,
    cause: async ({ stage: { operator, proxy }, provider }) => {
      const { jwt, seed } = await operator.mintUser({ expiresAt: Date.now() - 10_000 });
      provider.thenReturns({ jwt, seed }, 3);
      proxy.breakOpen('reset');
    },
    counts: ['rejections_total{error=violation}'],
  });
  failingStartCase({
    name: 'gets a JWT that has expired as the application starts',
    row: 'expiredJwtAtStart',
    on: operatorStage,
    options: { rejection: { initialDelay: 10, maxDelay: 20, maxOnConnect: 2 } },
    cause: async ({ stage: { operator }, provider }) => {
      const { jwt, seed } = await operator.mintUser({ expiresAt: Date.now() - 10_000 });
      provider.setDefault({ jwt, seed });
    },
  });
  faultCase({
    name: 'ends connections whose JWT expires',
    row: 'endedByExpiry',
    on: operatorStage,
    options: { refresh: { ahead: false } },
    cause: async ({ stage: { operator }, provider }, performance) => {
      const { creds } = await operator.mintUser({ expiresInMs: 2_500 });
      provider.thenReturns({ creds });
      await performance.nats.rotate();
    },
    counts: [endOf('expired')],
  });
  faultCase({
    name: 'revokes the user, and the provider has another',
    row: 'revoked',
    on: operatorStage,
    cause: async ({ stage: { operator, server }, provider }, performance) => {
      const { creds, publicKey } = await operator.mintUser();
      provider.thenReturns({ creds });
      await performance.nats.rotate();
      operator.revoke(publicKey);
      await operator.pushClaims(server);
    },
    counts: [endOf('revoked')],
  });
  faultCase({
    name: 'limits the connections of the account to fewer than there are',
    row: 'accountFull',
    on: operatorStage,
    cause: async ({ stage: { operator, server, proxy } }) => {
      operator.limitConnections(1);
      await operator.pushClaims(server);
      proxy.breakOpen('reset');
    },
    until: dialsInVain,
    leaves: 1,
    undo: async ({ stage: { operator, server } }) => {
      operator.limitConnections(-1);
      await operator.pushClaims(server);
    },
  });
  failingStartCase({
    name: 'allows no further connection as the application starts',
    row: 'accountFullAtStart',
    on: operatorStage,
    cause: async ({ stage: { operator, server } }) => {
      const { jwt, seed } = await operator.mintUser();
      const other = await connect({
        servers: server.url,
        authenticator: jwtAuthenticator(jwt, Buffer.from(seed)),
      });
      onTestFinished(() => other.close());
      operator.limitConnections(1);
      await operator.pushClaims(server);
    },
  });
  faultCase({
    name: 'allows no connection beside those in use: a rotation takes place in place',
    row: 'noRoom',
    on: operatorStage,
    cause: async ({ stage: { operator, server } }, performance) => {
      operator.limitConnections(2);
      await operator.pushClaims(server);
      await performance.nats.rotate();
    },
    counts: ['rotations_total{mode=reconnect,outcome=success}'],
  });
});
