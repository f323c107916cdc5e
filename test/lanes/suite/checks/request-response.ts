import { deepStrictEqual } from 'node:assert';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom, timeout } from 'rxjs';

import type { Lane } from '../app.js';

/** A request is answered, under concurrency too. */
export async function requestResponse({ peer, requests }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(
    numbers.map((number) => firstValueFrom(client.send('lane.echo', { number }).pipe(timeout(5_000)))),
  );
  deepStrictEqual(
    answers,
    numbers.map((number) => ({ echo: { number } })),
  );
  deepStrictEqual(
    requests.map(({ role, reason }) => `${role} ${reason}`),
    ['server connect', 'client connect'],
  );
}
