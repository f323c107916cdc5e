import type { Serializer } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

/** Is ready when the test says so. */
class SlowSerializer implements Serializer {
  readonly asked: (() => void)[] = [];

  serialize(packet: unknown) {
    return { data: JSON.stringify(packet) };
  }

  init(): Promise<void> {
    return new Promise((resolve) => this.asked.push(resolve));
  }
}

it('a client that is closed while its serializer gets ready opens no connection, and can be used again', async () => {
  const server = await serverForTest();
  const serializer = new SlowSerializer();
  const client = await startClient({
    connection: { servers: server.url, serializer },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
  });
  let connects = 0;
  serviceOf(client).on('connected', () => connects++);
  const connecting = client.connect().catch((error: unknown) => error);
  await eventually(() => serializer.asked.length === 1, { what: 'the serializer to be asked' });
  await client.close();
  serializer.asked[0]?.();
  expect(await connecting).toMatchObject({ code: 'CLOSED' });
  expect(await server.connections()).toEqual([]);
  expect(connects).toBe(0);

  const again = client.connect();
  await eventually(() => serializer.asked.length === 2, { what: 'the serializer to be asked again' });
  serializer.asked[1]?.();
  await again;
  expect(await server.connections()).toHaveLength(1);
});
