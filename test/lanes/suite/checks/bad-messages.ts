import { deepStrictEqual } from 'node:assert';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom, timeout } from 'rxjs';

import type { Lane } from '../app.js';

/** What is used here of a nats.js connection of either driver. */
interface Connection {
  publish(subject: string, data?: Uint8Array, options?: { reply?: string }): void;
  flush(): Promise<void>;
}

const BAD = ['', 'no JSON', '{"pattern":', '[]', 'null', '\u0000\u0001'].map((text) => Buffer.from(text));

/**
 * Messages that no peer of NestJS sends, and a reply that is too large for the server, end no service: it answers the next
 * request. An unhandled rejection would end a process; here it fails the runner.
 */
export async function badMessages({ peer }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  await client.connect();
  const connection = client.unwrap<Connection>();
  for (const subject of ['lane.echo', 'lane.happened.now']) {
    for (const data of BAD) {
      connection.publish(subject, data);
      connection.publish(subject, data, { reply: 'lane.nobody' });
    }
  }
  await connection.flush();
  await firstValueFrom(client.send('lane.large', '').pipe(timeout(1_000)), { defaultValue: null }).catch(
    () => null,
  );
  const answer = await firstValueFrom(client.send('lane.echo', 'hello').pipe(timeout(5_000)));
  deepStrictEqual(answer, { echo: 'hello' });
}
