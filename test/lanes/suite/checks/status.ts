import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import type { Lane } from '../app.js';

/** NestJS's own `status` of both roles follows the connection down and up again, and requests are answered after it. */
export async function status({ service, peer, server }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  await client.connect();
  const latest = new Map<object, string>();
  for (const role of [service, client])
    role.status.subscribe((status: string) => void latest.set(role, status));
  const both = (status: string) => () => [service, client].every((role) => latest.get(role) === status);
  await eventually(both('connected'), { what: 'both to be connected' });
  await server.kill();
  await eventually(() => [...latest.values()].every((status) => status !== 'connected'), {
    what: 'both to know of the loss',
  });
  await server.restart();
  await eventually(both('connected'), { what: 'both to be connected again' });
  await firstValueFrom(client.send('lane.echo', 'hello'));
}
