import { deepStrictEqual, ok } from 'node:assert';

import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';

import { type Lane, userWith, Vault } from '../app.js';

/** The server changes the password under live connections: both come back with the new one, time after time. */
export async function passwordChange({ service, peer, server, requests }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const echo = () => firstValueFrom(client.send<object>('lane.echo', 'hello').pipe(timeout(5_000)));
  let disconnects = 0;
  for (const app of [service, peer]) app.get(NatsAuthService).on('disconnected', () => disconnects++);
  deepStrictEqual(await echo(), { echo: 'hello' });
  for (const password of ['second', 'third', 'fourth']) {
    const before = disconnects;
    Vault.password = password;
    await server.reload(userWith(password));
    await eventually(() => disconnects === before + 2, { what: 'the server to end both connections' });
    await eventually(() => isServed(server), { what: 'both connections to be back' });
    deepStrictEqual(await echo(), { echo: 'hello' });
  }
  ok(
    requests.some(({ reason }) => reason === 'rejected'),
    'the provider is told that the server rejected the last password',
  );
}

async function isServed(server: NatsServer): Promise<boolean> {
  const connections = await server.connections();
  return connections.length === 2 && connections.some((c) => c.subscriptions_list?.includes('lane.echo'));
}
