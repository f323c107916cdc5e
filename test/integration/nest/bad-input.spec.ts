import { NestFactory } from '@nestjs/core';
import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { describe, expect, it } from 'vitest';

import { appModule } from './app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const SECRET = 'hunter2-of-the-options';

describe('an option that makes no sense is refused at start with one error that names it', () => {
  it.each<[string, object]>([
    ['connection.user', { connection: { user: SECRET } }],
    ['connection.pass', { connection: { pass: SECRET } }],
    ['connection.token', { connection: { token: SECRET } }],
    ['connection.authenticator', { connection: { authenticator: () => ({}) } }],
    ['connection.servers', { connection: { servers: `nats://me:${SECRET}@localhost:4222` } }],
    ['connection.servers', { connection: { servers: 'ws://localhost:4222' } }],
    ['connection.servers', { connection: { servers: ['localhost', 4222] } }],
    ['connection', { connection: SECRET }],
    ['connection', { connection: [] }],
    ['connection', { connection: null }],
    ['connection.port', { connection: { port: 4222, servers: 'localhost' } }],
    ['connection.port', { connection: { port: 0 } }],
    ['connection.gracePeriod', { connection: { gracePeriod: Infinity } }],
    ['sentinel', { sentinel: null }],
    ['refresh', { refresh: null }],
    ['metrics', { metrics: null }],
    ['connection.userCreds', { connection: { userCreds: SECRET } }],
    ['connection.timeout', { connection: { timeout: '5s' } }],
    ['connection.pingInterval', { connection: { pingInterval: -1 } }],
    ['connection.maxPingOut', { connection: { maxPingOut: 0 } }],
    ['connection.timeout', { connection: { timeout: -0 } }],
    ['connection.pingInterval', { connection: { pingInterval: 0 } }],
    ['connection.reconnectTimeWait', { connection: { reconnectTimeWait: NaN } }],
    ['connection.reconnectJitter', { connection: { reconnectJitter: Infinity } }],
    ['connection.reconnectDelayHandler', { connection: { reconnectDelayHandler: 100 } }],
    ['connection.maxReconnectAttempts', { connection: { maxReconnectAttempts: -2 } }],
    ['connection.inboxPrefix', { connection: { inboxPrefix: '_INBOX.>' } }],
    ['connection.inboxPrefix', { connection: { inboxPrefix: 'reply to me' } }],
    ['connection.inboxPrefix', { connection: { inboxPrefix: 'reply\u0000' } }],
    ['connection.queue', { connection: { queue: 'work\u0007ers' } }],
    ['connection.queue', { connection: { queue: 'two words' } }],
    ['connection.name', { connection: { name: { secret: SECRET } } }],
    ['connection.tls', { connection: { tls: true } }],
    ['connection.waitOnFirstConnect', { connection: { waitOnFirstConnect: 'false' } }],
    ['connection.gracePeriod', { connection: { gracePeriod: '10s' } }],
    ['connection.headers.tenant', { connection: { headers: { tenant: 7 } } }],
    ['connection.headers', { connection: { headers: { 'x tenant': '7' } } }],
    ['connection.headers', { connection: { headers: { tenant: `7\r\nadmin: ${SECRET}` } } }],
    ['connection.inboxPrefix', { connection: { inboxPrefix: 'x'.repeat(300) } }],
    ['connection.serializer', { connection: { serializer: {} } }],
    ['refresh.timeout', { refresh: { timeout: -1 } }],
    ['refresh.timeout', { refresh: { timeout: '5s' } }],
    ['refresh.retry.maxAttempts', { refresh: { retry: { maxAttempts: 0 } } }],
    ['refresh.retry.maxDelay', { refresh: { retry: { initialDelay: 100, maxDelay: 50 } } }],
    ['refresh.reuse', { refresh: { reuse: -5 } }],
    ['refresh.ahead.fraction', { refresh: { ahead: { fraction: 1.5 } } }],
    ['refresh.timout', { refresh: { timout: 5 } }],
    ['rejection.maxOnConnect', { rejection: { maxOnConnect: 0.5 } }],
    ['sentinel.creds', { sentinel: { creds: SECRET } }],
    ['sentinel.jwt', { sentinel: { jwt: SECRET } }],
    ['NatsAuthOptions.servers', { servers: 'localhost' }],
    ['userInfoProvider', { userInfoProvider: SECRET }],
    ['userInfoProvider', { userInfoProvider: { useValue: {} } }],
    ['userInfoProvider', { userInfoProvider: undefined }],
  ])('%s', async (option, options) => {
    const start = async () => {
      const module = appModule({ userInfoProvider, ...options });
      return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    };
    const error: unknown = await start().catch((thrown: unknown) => thrown);
    expect({ ...(error as object) }).toMatchObject({ code: 'OPTIONS_INVALID', option });
    expect((error as Error).message).toContain(`'${option}'`);
    expect((error as Error).message).not.toContain(SECRET);
  });

  it('an unknown name for natsAuthTransport()', async () => {
    const { natsAuthTransport } = await import('nestjs-nats-auth');
    const unknown = NestFactory.createMicroservice(appModule({ userInfoProvider, name: 'orders' }), {
      ...natsAuthTransport('odrers'),
      logger: false,
      abortOnError: false,
    });
    await expect(unknown).rejects.toThrow(/no registration is named 'odrers'; there are 'orders'/);
  });

  it('two registrations of one name', async () => {
    const { NatsAuthModule } = await import('nestjs-nats-auth');
    const module = appModule(
      { userInfoProvider, connection: { name: 'a' } },
      { imports: [NatsAuthModule.forRoot({ userInfoProvider, connection: { name: 'b' } })] },
    );
    const start = NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow(/registration 'default' exists already/);
  });
});

describe('the status of a registration', () => {
  it('tells the last error and holds no secret', async () => {
    const failing = {
      getUserInfo: () => Promise.reject(new Error(`IAM said no to nats://me:${SECRET}@iam`)),
    };
    const options: NatsAuthModuleOptions = {
      userInfoProvider: failing,
      refresh: { retry: { maxAttempts: 2, initialDelay: 1 } },
    };
    const app = await NestFactory.createMicroservice(appModule(options), {
      ...(await import('nestjs-nats-auth')).natsAuthTransport(),
      logger: false,
    });
    try {
      await expect(app.listen()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
      const { status } = app.get(NatsAuthService);
      expect(status.lastError?.message).toContain('IAM said no');
      expect(JSON.stringify(status)).not.toContain(SECRET);
      expect(status.connections.server?.state).toBe('closed');
    } finally {
      await app.close();
    }
  });
});
