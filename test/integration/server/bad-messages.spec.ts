import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Controller, Logger } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, of, timeout } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

const SECRET = 'hunter2-of-the-payload';
const heard: unknown[] = [];

@Controller()
class Handlers {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('large')
  large() {
    return 'x'.repeat(5_000);
  }

  @MessagePattern('large-later')
  largeLater() {
    return of('small', 'x'.repeat(5_000), 'small');
  }

  @MessagePattern('circular')
  circular() {
    const self: { self?: unknown } = {};
    self.self = self;
    return self;
  }

  @EventPattern('event')
  event(@Payload() data: unknown) {
    heard.push(data);
  }
}

describe('one bad message does not end the service', () => {
  let options: NatsAuthModuleOptions;
  let peer: NatsConnection;
  let lines: string[];

  beforeEach(async () => {
    heard.length = 0;
    const store = await mkdtemp(join(tmpdir(), 'jetstream-'));
    onTestFinished(() => rm(store, { recursive: true }));
    const user = 'authorization { users: [ { user: svc, password: secret } ] }';
    const server = await serverForTest({
      config: `max_payload: 4096\njetstream { store_dir: "${store}" }\n${user}\n`,
    });
    options = {
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
    peer = await connect({ servers: server.url, user: 'svc', pass: 'secret' });
    onTestFinished(() => peer.close());
    lines = [];
    const error = vi
      .spyOn(Logger.prototype, 'error')
      .mockImplementation((line) => void lines.push(String(line)));
    onTestFinished(() => error.mockRestore());
  });

  async function stillServes() {
    const client = await startClient(options);
    expect(await firstValueFrom(client.send('echo', 'next').pipe(timeout(2_000)))).toBe('next');
  }

  const reply = async (subject: string, payload: string) =>
    (await peer.request(subject, payload, { timeout: 2_000 })).json<{ err?: unknown }>().err;

  it.each([
    ['nothing', ''],
    ['no JSON', SECRET],
    ['half of a JSON', `{"id":"1","data":"${SECRET}`],
  ])('a request that is %s', async (_, payload) => {
    await startService(options, { controllers: [Handlers] });
    const error = await reply('echo', payload);
    expect(error).toEqual({ status: 'error', message: 'The request could not be read' });
    await stillServes();
    expect(lines).toEqual([`A message to 'echo' could not be read: SyntaxError`]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', SECRET],
  ])('an event that is %s', async (_, payload) => {
    await startService(options, { controllers: [Handlers] });
    peer.publish('event', payload);
    await stillServes();
    expect(lines).toEqual([`A message to 'event' could not be read: SyntaxError`]);
  });

  it('a message of a JetStream consumer, whose acknowledgement is not taken for a reply', async () => {
    const connection = { ...options.connection, queue: 'workers' };
    await startService({ ...options, connection }, { controllers: [Handlers] });
    const acks: string[] = [];
    peer.subscribe('$JS.ACK.>', { callback: (_, { subject }) => void acks.push(subject) });
    const api = (subject: string, body: object) =>
      peer.request(`$JS.API.${subject}`, JSON.stringify(body)).then((answer) => answer.json<object>());
    await api('STREAM.CREATE.kept', { name: 'kept', subjects: ['kept'], storage: 'memory' });
    const config = {
      durable_name: 'push',
      deliver_subject: 'event',
      deliver_group: 'workers',
      ack_policy: 'explicit',
    };
    expect(await api('CONSUMER.DURABLE.CREATE.kept.push', { stream_name: 'kept', config })).toMatchObject({
      name: 'push',
    });
    peer.publish('kept', SECRET);
    await eventually(() => lines.length === 1, { what: 'the line' });
    await stillServes();
    expect(acks).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('of the deserializer');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the deserializer'))],
    ['gives nothing', () => undefined],
  ])('a deserializer that %s', async (_, deserialize) => {
    let bad = true;
    const deserializer = {
      deserialize: (message: { json(): unknown }) => {
        if (!bad) return message.json();
        bad = false;
        return deserialize();
      },
    };
    const connection = { ...options.connection, deserializer: deserializer as never };
    await startService({ ...options, connection }, { controllers: [Handlers] });
    expect(await reply('echo', '{}')).toMatchObject({ message: 'The request could not be read' });
    await stillServes();
    expect(lines).toHaveLength(1);
  });

  it.each(['large', 'circular'])('a reply that cannot be sent: %s', async (pattern) => {
    await startService(options, { controllers: [Handlers] });
    const client = await startClient(options);
    await expect(firstValueFrom(client.send(pattern, {}).pipe(timeout(2_000)))).rejects.toEqual({
      status: 'error',
      message: 'The reply could not be sent',
    });
    await stillServes();
    expect(lines).toEqual([expect.stringMatching(`^The reply to '${pattern}' could not be sent: `)]);
  });

  it('a value of a stream that cannot be sent ends that stream', async () => {
    await startService(options, { controllers: [Handlers] });
    const client = await startClient(options);
    const told: unknown[] = [];
    const stream = client.send('large-later', {}).pipe(timeout(2_000));
    stream.subscribe({ next: (value) => told.push(value), error: (error) => told.push(error) });
    await eventually(() => told.length === 2, { what: 'the error' });
    expect(told).toEqual(['small', { status: 'error', message: 'The reply could not be sent' }]);
    await stillServes();
    expect(lines).toHaveLength(1);
  });

  it('a serializer that can send nothing at all', async () => {
    const serialize = () => {
      throw new Error('of the serializer');
    };
    const app = await startService(
      { ...options, connection: { ...options.connection, serializer: { serialize } } },
      { controllers: [Handlers] },
    );
    await expect(reply('echo', '{"id":"1","data":1}')).rejects.toThrow('timeout');
    expect(lines).toEqual([`The reply to 'echo' could not be sent: of the serializer`]);
    await app.unwrap<NatsConnection>().flush();
  });

  it('an answer that is ready when the connection is closed', async () => {
    const app = await startService(options, { controllers: [Handlers] });
    peer.publish('echo', '{"id":"1","data":1}', { reply: 'inbox' });
    await app.unwrap<NatsConnection>().flush();
    await app.close();
    await new Promise(setImmediate);
    expect(lines.filter((line) => !line.includes('could not be sent'))).toEqual([]);
  });
});
