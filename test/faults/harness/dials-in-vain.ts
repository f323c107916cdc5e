import { eventually } from 'nestjs-nats-auth/testing';

import type { Performance } from './scene.js';

/**
 * Waits until the application has dialled in vain, again and again. Sockets do not tell: it opens some only to see whether a server
 * answers.
 */
export async function dialsInVain(_scene: unknown, { nats }: Performance): Promise<void> {
  let failed = 0;
  const unsubscribe = nats.on('connectFailed', () => {
    failed++;
  });
  await eventually(() => failed > 3, { what: 'dials in vain' });
  unsubscribe();
}
