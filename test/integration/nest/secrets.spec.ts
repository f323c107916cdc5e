import { inspect } from 'node:util';

import { Controller, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  type NatsAuthEvents,
  NatsAuthHealthIndicator,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule } from './app.js';

const MARKED = [
  'first-password-MARKED',
  'second-password-MARKED',
  'third-password-MARKED',
  'wrong-password-MARKED',
];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo() {
    return 'echo';
  }
}

it('no inspection of a client, a server or their service shows the TLS key in the options', async () => {
  const connection = { tls: { key: 'key-MARKED' } };
  const userInfoProvider = { getUserInfo: () => ({ token: 'token-MARKED' }) };
  const app = await NestFactory.createApplicationContext(appModule({ connection, userInfoProvider }), {
    logger: false,
  });
  onTestFinished(() => app.close());
  for (const type of [NatsAuthClient, NatsAuthServer, NatsAuthService, NatsAuthHealthIndicator]) {
    const part: unknown = app.get(type);
    const shown = inspect(part, { depth: Infinity, showHidden: true, getters: true }) + JSON.stringify(part);
    expect(shown).toContain('default');
    expect(shown).not.toContain('MARKED');
  }
});

it('no log, event, status, error or inspection of a service that was rejected, refreshed and rotated shows a secret', async () => {
  const config = (pass: string) => `authorization { users: [ { user: svc, password: "${pass}" } ] }\n`;
  const server = await serverForTest({ config: config(MARKED[0] ?? '') });
  const told: string[] = [];
  const hear = (...parts: unknown[]) =>
    told.push(parts.map((part) => inspect(part, { depth: 20 })).join(' '));
  const logged: string[] = [];
  const log = (...parts: unknown[]) => {
    logged.push(parts.map((part) => inspect(part, { depth: 20 })).join(' '));
    hear(...parts);
  };
  const logger: LoggerService = { log, error: log, warn: log, debug: log, verbose: log, fatal: log };
  let pass = MARKED[0];
  const iam: { failure?: Error } = {};
  const getUserInfo = () => (iam.failure ? Promise.reject(iam.failure) : { user: 'svc', pass });
  const module = appModule(
    {
      connection: { servers: server.url, reconnectTimeWait: 20 },
      rejection: { maxOnConnect: 2 },
      userInfoProvider: { getUserInfo },
    },
    { controllers: [EchoController] },
  );
  const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger });
  onTestFinished(() => app.close());
  const nats = app.get(NatsAuthService);
  const seen = new Set<string>();
  const names = [
    'connected',
    'disconnected',
    'rejected',
    'refreshed',
    'refreshFailed',
    'reused',
    'refreshScheduled',
    'replaced',
    'rotated',
  ] as const;
  for (const name of names) {
    nats.on(name, (event: NatsAuthEvents[typeof name]) => {
      seen.add(name);
      hear(name, event, JSON.stringify(event));
    });
  }
  await app.listen();
  const client = app.get(NatsAuthClient);
  const answered = () => firstValueFrom(client.send('echo', 1));
  await answered();

  pass = MARKED[1];
  await server.reload(config(pass ?? ''));
  await eventually(answered, { what: 'an answer with the second password' });
  pass = MARKED[3];
  hear(await nats.rotate().catch((error: unknown) => error));
  pass = MARKED[1];
  await nats.rotate();
  iam.failure = new Error('IAM says no to nats://svc:password-in-a-url-MARKED@iam');
  hear(await nats.refresh().catch((error: unknown) => (error as Error).message));

  for (const part of [
    nats,
    client,
    app.get(NatsAuthServer),
    nats.status,
    app.get(NatsAuthHealthIndicator).check(),
  ]) {
    hear(inspect(part, { depth: 6, showHidden: true, getters: true }), JSON.stringify(nats.status));
  }
  expect([...seen].sort()).toEqual(
    expect.arrayContaining(['connected', 'refreshFailed', 'rejected', 'rotated']),
  );
  const everything = told.join('\n');
  // The provider's own error is the application's, and is kept as the cause; all that we make of it is scrubbed.
  const ours = everything.replaceAll(/IAM says no to nats:\/\/svc:password-in-a-url-MARKED@iam/g, '');
  for (const secret of MARKED) expect(ours).not.toContain(secret);
  expect(logged.join('\n')).toContain('IAM says no to nats://[redacted]@iam');
  expect(logged.join('\n')).not.toContain('MARKED');
  expect(everything.length).toBeGreaterThan(10_000);
});
