import { rejects } from 'node:assert';

import { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';

import { Heard, type Lane } from '../app.js';

/** What a caller makes of a subject fails that call alone, and writes no line of its own. */
export async function craftedSubjects({ service, peer }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const heard = service.get(Heard);
  const underWay = firstValueFrom(client.send('lane.slow', 300));
  await eventually(() => heard.join() === 'slow began', { what: 'the handler to begin' });
  const crafted = [
    'a 2\r\n{}\r\nPUB lane.happened.crafted 4\r\n"no"\r\nPUB b',
    'with space',
    'x'.repeat(5_000),
  ];
  for (const subject of crafted) {
    await rejects(firstValueFrom(client.emit(subject, {})), { code: 'SUBJECT_INVALID' });
    await rejects(firstValueFrom(client.send(subject, {})), { code: 'SUBJECT_INVALID' });
  }
  if ((await underWay) !== 'slow ended') throw new Error('The request under way got another answer.');
  if (heard.join() !== 'slow began') throw new Error(`Somebody heard: ${heard.join()}`);
}
