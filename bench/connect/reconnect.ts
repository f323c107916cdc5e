import { once } from 'node:events';

import type { NatsServer } from 'nestjs-nats-auth/testing';

import { median } from '../stats.js';
import type { Comparison } from './establish.js';
import { OurConnections } from './our-connections.js';
import { onReconnect, plainConnection } from './plain-connection.js';

/** Restarts the server under a connection of each side; times are from the restart to the connection being back. */
export async function compareReconnect(server: NatsServer, restarts: number): Promise<Comparison> {
  const back = new EventTarget();
  const own = new OurConnections(server.url, 'later');
  own.events.on('connected', () => back.dispatchEvent(new Event('ours')));
  const ours = own.create();
  await ours.open();
  const plain = await plainConnection(server.url);
  void onReconnect(plain, () => back.dispatchEvent(new Event('plain')));

  const times: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
  for (let restart = 0; restart < restarts; restart++) {
    const startedAt = performance.now();
    const reconnected = (['ours', 'plain'] as const).map(async (side) => {
      await once(back, side);
      times[side].push(performance.now() - startedAt);
    });
    await server.restart();
    await Promise.all(reconnected);
  }
  await ours.close();
  await plain.close();
  return { ours: median(times.ours), plain: median(times.plain) };
}
