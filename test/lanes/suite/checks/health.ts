import { NatsAuthClient, NatsAuthHealthIndicator } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';

import type { Lane } from '../app.js';

/** Health is down while the server is gone, for both roles, and up again with it. */
export async function health({ service, peer, server }: Lane): Promise<void> {
  await peer.get(NatsAuthClient).connect();
  const indicators = [service, peer].map((app) => app.get(NatsAuthHealthIndicator));
  const all = (status: string) => () =>
    indicators.every((indicator) => indicator.check('nats', { graceTime: 0 })['nats']?.status === status);
  await eventually(all('up'), { what: 'health to be up' });
  await server.kill();
  await eventually(all('down'), { what: 'health to be down' });
  await server.restart();
  await eventually(all('up'), { what: 'health to be up again' });
}
