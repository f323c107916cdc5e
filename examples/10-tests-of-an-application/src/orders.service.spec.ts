import { Test } from '@nestjs/testing';
import { getNatsAuthClientToken } from 'nestjs-nats-auth';
import { LocalClient } from 'nestjs-nats-auth/testing';
import { expect, it } from 'vitest';

import { AppModule } from './app.module.js';
import { OrdersService } from './orders.service.js';

// No NATS: functions answer.
it('adds up the prices', async () => {
  process.env['NATS_URL'] = 'nats://nobody-connects';
  const prices = new LocalClient({ 'prices.get': (article: string) => (article === 'apple' ? 2 : 3) });
  const app = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getNatsAuthClientToken())
    .useValue(prices)
    .compile();

  expect(await app.get(OrdersService).total(['apple', 'pear'])).toBe(5);
  expect(prices.packets.map(({ data }) => data as string)).toEqual(['apple', 'pear']);

  await app.close();
});
