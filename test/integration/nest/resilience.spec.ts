import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  type NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  NatsAuthService,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, timeout } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { serviceOf, startClient, startService } from './app.js';

const heard: number[] = [];

@Controller()
class CountingController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @EventPattern('numbered')
  numbered(@Payload() n: number) {
    heard.push(n);
  }
}

describe('while nats-server is down', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;

  beforeEach(async () => {
    heard.length = 0;
    server = await startNatsServer();
    options = {
      connection: { servers: server.url, reconnectTimeWait: 50, reconnectJitter: 0 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
  });
  afterEach(() => server.stop());

  /** A client that can be made to come back last, so that what it hands over then has somebody to hear it. */
  const startPatientClient = async () => {
    let dials = 0;
    let until: Promise<void> | undefined;
    const getUserInfo = async () => {
      await until;
      return { user: 'svc', pass: 'secret' };
    };
    const client = await startClient({ ...options, userInfoProvider: { getUserInfo } });
    serviceOf(client).on('connectFailed', () => dials++);
    const comeBackAfter = (service: NatsAuthService) => {
      until = new Promise((resolve) => service.on('connected', () => resolve()));
      // Its next dial waits for this call, whatever was fetched before.
      void serviceOf(client).refresh();
    };
    return { client, dials: () => dials, comeBackAfter };
  };

  const emit = (client: NatsAuthClient, n: number) =>
    lastValueFrom(client.emit('numbered', n), { defaultValue: undefined });

  it('holds events back over a restart with several failed attempts: those that go out later are heard, and none twice', async () => {
    const service = await startService(options, { controllers: [CountingController] });
    const { client, dials, comeBackAfter } = await startPatientClient();
    await emit(client, 0);
    const handedOverLate: number[] = [];
    const outcomes: Promise<unknown>[] = [];
    const phase = { down: false, emitting: true };
    const load = (async () => {
      for (let n = 1; phase.emitting; n++) {
        const handedOver = () => phase.down && handedOverLate.push(n);
        outcomes.push(emit(client, n).then(handedOver, () => 'failed'));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await eventually(() => heard.length > 50, { what: 'events under load' });
    await server.kill();
    await eventually(() => !isConnected(client), { what: 'the client to notice' });
    phase.down = true;
    const [emitted, dialled] = [outcomes.length, dials()];
    await eventually(() => outcomes.length > emitted + 100 && dials() > dialled + 3, {
      what: 'dials in vain',
    });
    phase.emitting = false;
    await load;
    comeBackAfter(service.get(NatsAuthService));
    await server.restart();
    const failed = (await Promise.all(outcomes)).filter((outcome) => outcome === 'failed').length;
    await eventually(() => handedOverLate.every((n) => heard.includes(n)), {
      what: 'every event to be heard',
    });
    expect(handedOverLate.length).toBeGreaterThan(100);
    expect(failed).toBeLessThan(outcomes.length - handedOverLate.length);
    expect(new Set(heard).size).toBe(heard.length);
  });

  it('holds a request back until the connection is there again', async () => {
    const service = await startService(options, { controllers: [CountingController] });
    const { client, dials, comeBackAfter } = await startPatientClient();
    await firstValueFrom(client.send('echo', 1));
    await server.kill();
    await eventually(() => !isConnected(client), { what: 'the client to notice' });
    const outcomes: unknown[] = [];
    const answer = firstValueFrom(client.send('echo', 'late')).finally(() => outcomes.push('settled'));
    const dialled = dials();
    await eventually(() => dials() > dialled + 3, { what: 'dials in vain' });
    expect(outcomes).toEqual([]);
    comeBackAfter(service.get(NatsAuthService));
    await server.restart();
    expect(await answer).toBe('late');
  });

  it('fails at once when the options say so, and when too many calls wait', async () => {
    const failing = await startClient({ ...options, client: { whileDisconnected: 'fail' } });
    const bounded = await startClient({ ...options, client: { maxWaiting: 2 } });
    await failing.connect();
    await bounded.connect();
    await server.kill();
    await eventually(() => !isConnected(failing) && !isConnected(bounded), { what: 'the clients to notice' });
    await expect(emit(failing, 1)).rejects.toMatchObject({ code: 'DISCONNECTED' });
    const waiting = [emit(bounded, 1), emit(bounded, 2)];
    await expect(emit(bounded, 3)).rejects.toThrow(/maxWaiting/);
    await server.restart();
    await Promise.all(waiting);
  });

  it('gives up a request that waits when its caller does', async () => {
    const client = await startClient(options);
    await client.connect();
    await server.kill();
    await eventually(() => !isConnected(client), { what: 'the client to notice' });
    await expect(firstValueFrom(client.send('echo', 1).pipe(timeout(50)))).rejects.toThrow(/Timeout/);
  });

  it('opens one connection for first sends that overlap', async () => {
    await startService(options, { controllers: [CountingController] });
    const client = await startClient(options);
    await Promise.all(Array.from({ length: 20 }, (_, n) => firstValueFrom(client.send('echo', n + 1))));
    expect(await server.connections()).toHaveLength(2);
  });

  it('replaces a connection that was closed for good, and binds the handlers again', async () => {
    const service = await startService(options, { controllers: [CountingController] });
    const client = await startClient(options);
    await firstValueFrom(client.send('echo', 1));
    const nats = service.get(NatsAuthService);
    let closed = 0;
    nats.on('closed', () => closed++);
    await service.get(NatsAuthServer).unwrap<{ close(): Promise<void> }>().close();
    await client.unwrap<{ close(): Promise<void> }>().close();
    const answer: unknown = await eventually(
      () => firstValueFrom(client.send('echo', 'back').pipe(timeout(1_000))),
      {
        what: 'an answer',
      },
    );
    expect(answer).toBe('back');
    expect(closed).toBe(1);
    expect(nats.status.connections.server?.state).toBe('connected');
  });

  it('starts anew after a first connect that failed', async () => {
    const client = await startClient(options);
    await server.kill();
    await expect(client.connect()).rejects.toThrow();
    await server.restart();
    await client.connect();
    expect(isConnected(client)).toBe(true);
  });
});

describe('a publish that the server refuses', () => {
  it('fails its request and its event with an error that names the subject', async () => {
    const server = await startNatsServer({
      config:
        'authorization { users: [ { user: svc, password: secret, permissions: { publish: { deny: "secret.>" } } } ] }\n',
    });
    try {
      const client = await startClient({
        connection: { servers: server.url },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
      });
      await expect(firstValueFrom(client.send('secret.plans', 1))).rejects.toMatchObject({
        code: 'PUBLISH_REFUSED',
        subject: 'secret.plans',
      });
      await expect(lastValueFrom(client.emit('secret.plans', 1))).rejects.toMatchObject({
        code: 'PUBLISH_REFUSED',
        subject: 'secret.plans',
      });
    } finally {
      await server.stop();
    }
  });
});

/** As the application sees it. */
function isConnected(client: NatsAuthClient): boolean {
  let status = '';
  client.status.subscribe((value) => (status = value)).unsubscribe();
  return status === 'connected';
}
