import { NatsAuthClient, NatsAuthServer } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';

import type { Lane } from '../app.js';

/** NestJS's own `status` of both roles is up again when a new connection takes the place of one that was closed. */
export async function statusAfterRecovery({ service, peer, server }: Lane): Promise<void> {
  const roles = [service.get(NatsAuthServer), peer.get(NatsAuthClient)];
  await peer.get(NatsAuthClient).connect();
  const latest = new Map<object, string>();
  for (const role of roles) role.status.subscribe((status: string) => void latest.set(role, status));
  const all = (expected: boolean) => () =>
    roles.every((role) => (latest.get(role) === 'connected') === expected);
  await server.kill();
  await eventually(all(false), { what: 'both to know of the loss' });
  await Promise.all(roles.map((role) => role.unwrap<{ close(): Promise<void> }>().close()));
  await server.restart();
  await eventually(all(true), { what: 'both to be connected again' });
}
