import { Controller, Inject, Injectable } from '@nestjs/common';
import {
  Ctx,
  EventPattern,
  MessagePattern,
  NatsContext,
  NatsRecordBuilder,
  Payload,
} from '@nestjs/microservices';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import {
  type NatsAuthModuleOptions,
  NatsAuthServer,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startClient, startService } from './app.js';

const PASSWORD = Symbol('password');

@Injectable()
class VaultProvider implements UserInfoProvider {
  static requests: UserInfoRequest[] = [];

  constructor(@Inject(PASSWORD) private readonly password: { current: string }) {}

  async getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    VaultProvider.requests.push(request);
    return Promise.resolve({ user: 'svc', pass: this.password.current });
  }
}

const events: string[] = [];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('stream')
  stream() {
    return of(1, 2, 3);
  }

  @MessagePattern('header')
  header(@Ctx() context: NatsContext) {
    return (context.getHeaders() as { get(name: string): string }).get('x-tenant');
  }

  @MessagePattern('things.*.get')
  wildcard(@Ctx() context: NatsContext) {
    return context.getSubject();
  }

  @EventPattern('happened.>')
  happened(@Payload() what: string) {
    events.push(what);
  }
}

describe('NatsAuthModule', () => {
  const password = { current: 'first' };
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  const usersWith = (pass: string) => `authorization { users: [ { user: svc, password: "${pass}" } ] }\n`;

  beforeEach(async () => {
    password.current = 'first';
    events.length = 0;
    VaultProvider.requests.length = 0;
    server = await startNatsServer({ config: usersWith('first') });
    options = {
      connection: { servers: server.url, queue: 'echo', reconnectTimeWait: 100 },
      userInfoProvider: { useFactory: () => new VaultProvider(password) },
    };
  });
  afterEach(() => server.stop());

  it('answers requests, streams and wildcards, and reads headers', async () => {
    await startService(options, { controllers: [EchoController] });
    const client = await startClient(options);
    expect(await firstValueFrom(client.send('echo', { a: 1 }))).toEqual({ a: 1 });
    expect(await lastValueFrom(client.send('stream', {}).pipe(toArray()))).toEqual([1, 2, 3]);
    expect(await firstValueFrom(client.send('things.7.get', {}))).toBe('things.7.get');
    const hdrs = headers();
    hdrs.set('x-tenant', 'acme');
    const record = new NatsRecordBuilder({}).setHeaders(hdrs).build();
    expect(await firstValueFrom(client.send('header', record))).toBe('acme');
  });

  it('hands an event to one member of a queue group', async () => {
    const services = [
      await startService(options, { controllers: [EchoController] }),
      await startService(options, { controllers: [EchoController] }),
    ];
    const client = await startClient(options);
    for (let n = 0; n < 50; n++)
      await lastValueFrom(client.emit(`happened.${n}`, `event ${n}`), { defaultValue: undefined });
    await eventually(() => events.length >= 50, { what: 'the events' });
    // The server answers a flush behind all that it has for a service: a second copy has come by then.
    for (const service of services) await service.get(NatsAuthServer).unwrap<NatsConnection>().flush();
    await new Promise(setImmediate);
    expect(new Set(events).size).toBe(50);
    expect(events).toHaveLength(50);
  });

  it('moves the server and the client to a new password', async () => {
    await startService(options, { controllers: [EchoController] });
    const client = await startClient(options);
    await firstValueFrom(client.send('echo', 1));
    for (const pass of ['second', 'third', 'fourth', 'fifth']) {
      password.current = pass;
      await server.reload(usersWith(pass));
      const answered = () => firstValueFrom(client.send('echo', pass));
      expect(await eventually(answered, { what: `an answer with password '${pass}'` })).toBe(pass);
    }
    const rejected = VaultProvider.requests.filter(({ reason }) => reason === 'rejected');
    for (const role of ['server', 'client'])
      expect(rejected.filter((request) => request.role === role).length).toBeGreaterThanOrEqual(4);
  });

  it('resolves the provider out of the application, where it can inject anything', async () => {
    const { NatsAuthModule, NatsAuthClient } = await import('nestjs-nats-auth');
    const { Test } = await import('@nestjs/testing');
    const vault = {
      module: class VaultModule {},
      providers: [{ provide: PASSWORD, useValue: password }],
      exports: [PASSWORD],
    };
    const app = await Test.createTestingModule({
      imports: [
        NatsAuthModule.forRootAsync({
          imports: [vault],
          inject: [PASSWORD],
          useFactory: () => ({ connection: { servers: server.url } }),
          userInfoProvider: VaultProvider,
        }),
      ],
    }).compile();
    try {
      await app.get(NatsAuthClient).connect();
      expect(VaultProvider.requests.map(({ role, connection }) => [role, connection])).toEqual([
        ['client', 'default'],
      ]);
    } finally {
      await app.close();
    }
    await eventually(async () => (await server.connections()).length === 0, {
      what: 'the connection to close',
    });
  });
});
