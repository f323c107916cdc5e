import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, timeout, TimeoutError } from 'rxjs';

import { type Sender, UNANSWERED } from './load.js';

/** How long a request may take before it counts as unanswered, in ms. */
const ANSWER_WITHIN_MS = 5_000;

/** Sends through a NestJS client. */
export function senderOf(client: ClientProxy): Sender {
  const emit = (pattern: string, n: number) =>
    lastValueFrom(client.emit(pattern, n), { defaultValue: undefined });
  return {
    request: (n) =>
      firstValueFrom(client.send('bench.request', n).pipe(timeout(ANSWER_WITHIN_MS))).catch(
        (error: unknown) => {
          throw error instanceof TimeoutError ? UNANSWERED : error;
        },
      ),
    event: (n) => emit('bench.event', n),
    queued: (n) => emit('bench.queued', n),
  };
}
