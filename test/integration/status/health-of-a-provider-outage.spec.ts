import { Controller, Get, type INestApplication } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import {
  type HealthCondition,
  NatsAuthClient,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import { eventually, freePort, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

const SVC = { user: 'svc', pass: 'secret' };

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(text: string) {
    return text;
  }
}

@Controller('health')
class HealthController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly nats: NatsAuthHealthIndicator,
  ) {}

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.terminus.check([() => this.nats.check()]);
  }

  @Get('as-degraded')
  @HealthCheck()
  asDegraded() {
    return this.terminus.check([() => this.nats.check('nats', { degradedAs: 'degraded' })]);
  }

  @Get('strict')
  @HealthCheck()
  strict() {
    return this.terminus.check([() => this.nats.check('nats', { conditions: { providerFailing: 'down' } })]);
  }
}

it('readiness stays up while the provider is out and NATS works, also beyond the expiry of what is in use', async () => {
  const provider = new ScriptedUserInfoProvider({ ...SVC, expiresAt: Date.now() + 5_000 });
  const app = await start(provider, {
    refresh: { retry: { initialDelay: 10, maxDelay: 50 }, ahead: { fraction: 0.6, jitter: 0 } },
  });
  await app.get(NatsAuthClient).connect();
  provider.thenFails(new Error('IAM is down'), 10_000);
  expect(await get(app, 'ready')).toMatchObject({
    http: 200,
    status: 'ok',
    details: { nats: { status: 'up', state: 'up' } },
  });
  const conditions = () =>
    app
      .get(NatsAuthService)
      .health()
      .problems.map(({ condition }) => condition);
  for (const condition of [
    'providerFailing',
    'credentialsExpiring',
    'credentialsExpired',
  ] as HealthCondition[])
    await eventually(() => conditions().includes(condition), { what: condition });

  expect(await firstValueFrom(app.get(NatsAuthClient).send<string>('echo', 'hello'))).toBe('hello');
  expect(app.get(NatsAuthService).status.health.state).toBe('degraded');
  expect(await get(app, 'ready')).toMatchObject({
    http: 200,
    status: 'ok',
    details: {
      nats: {
        status: 'up',
        state: 'degraded',
        reason: expect.stringMatching(/^the credentials of the \w+ connection expired \d+ s ago/) as string,
        lastError: 'IAM is down',
        since: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        server: 'connected',
        client: 'connected',
      },
    },
  });
  expect(await get(app, 'as-degraded')).toMatchObject({ http: 200, status: 'degraded' });
  expect(await get(app, 'strict')).toMatchObject({
    http: 503,
    error: {
      nats: {
        status: 'down',
        state: 'down',
        reason: expect.stringMatching(
          /^the user info provider has failed \d+ times in \d+ s; it is asked again (in \d+ s|now)$/,
        ) as string,
      },
    },
  });
});

it('the outage is still told after a reconnect with what the provider gave before, until it is refreshed', async () => {
  const server = await serverForTest();
  // All the time: after the loss it may be called once by chance, and again for the dial.
  let isDown = false;
  const provider: UserInfoProvider = {
    getUserInfo: () => (isDown ? Promise.reject(new Error('IAM is down')) : SVC),
  };
  const app = await start(provider, { connection: { servers: server.url, reconnectTimeWait: 20 } });
  const nats = app.get(NatsAuthService);
  isDown = true;
  await server.kill();
  const reconnected = new Promise<void>((resolve) => nats.on('connected', () => resolve()));
  await server.restart();
  await reconnected;
  expect(nats.health()).toMatchObject({
    state: 'degraded',
    problems: [
      { condition: 'staleUserInfo', role: 'server', lastError: { message: 'IAM is down' } },
      { condition: 'providerFailing', lastError: { message: 'IAM is down' } },
    ],
  });
  isDown = false;
  await nats.rotate();
  expect(nats.health()).toEqual({ state: 'up', problems: [] });
});

it('a rotation that fails is told while the old connection serves, and a server in lame-duck mode without another', async () => {
  const server = await serverForTest({
    config:
      'lame_duck_duration: "30s"\nlame_duck_grace_period: "20s"\nauthorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const provider = new ScriptedUserInfoProvider(SVC);
  const app = await start(provider, {
    connection: { servers: server.url },
    rejection: { initialDelay: 10, maxDelay: 20 },
  });
  const nats = app.get(NatsAuthService);
  provider.setDefault({ ...SVC, pass: 'wrong' });
  await expect(nats.rotate()).rejects.toThrow();
  expect(nats.health()).toMatchObject({
    state: 'degraded',
    problems: [{ condition: 'rotationFailing', role: 'server' }],
  });
  provider.setDefault(SVC);
  await nats.rotate();
  expect(nats.health().state).toBe('up');
  server.lameDuck();
  const found = await eventually(
    () => nats.health().problems.find(({ condition }) => condition === 'lameDuck'),
    { what: 'lame-duck mode' },
  );
  expect(found.reason).toContain(new URL(server.url).host);
  // One in lame-duck mode takes its time to end.
  await server.kill();
});

async function start(
  userInfoProvider: UserInfoProvider,
  options: Partial<NatsAuthModuleOptions>,
): Promise<INestApplication> {
  const connection = options.connection ?? { servers: (await serverForTest()).url };
  const module = await Test.createTestingModule({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      NatsAuthModule.forRoot({ ...options, connection, userInfoProvider: { useValue: userInfoProvider } }),
    ],
    controllers: [EchoController, HealthController],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  onTestFinished(() => app.close());
  app.connectMicroservice(natsAuthTransport());
  await app.startAllMicroservices();
  await app.listen(await freePort(), '127.0.0.1');
  return app;
}

async function get(app: INestApplication, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${await app.getUrl()}/health/${path}`, { headers: { connection: 'close' } });
  return { http: response.status, ...((await response.json()) as object) };
}
