import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { Heard, type Lane } from '../app.js';

/** Events arrive, each once. */
export async function events({ service, peer }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const heard = service.get(Heard);
  for (const number of [1, 2, 3]) {
    await firstValueFrom(client.emit('lane.happened.now', number), { defaultValue: undefined });
  }
  await eventually(() => heard.join() === '1,2,3', { what: 'three events, each once' });
}
