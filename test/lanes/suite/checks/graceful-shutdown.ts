import { deepStrictEqual } from 'node:assert';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';

import { Heard, type Lane } from '../app.js';

/** A handler that runs while its service closes still answers, and then nothing of the applications is left. */
export async function gracefulShutdown({ service, peer, server }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const answer = firstValueFrom(client.send<string>('lane.slow', 300).pipe(timeout(5_000)));
  const heard = service.get(Heard);
  await eventually(() => heard.length === 1, { what: 'the handler to begin' });
  await service.close();
  deepStrictEqual(await answer, 'slow ended');
  await peer.close();
  await eventually(async () => (await server.connections()).length === 0, { what: 'all connections to end' });
}
