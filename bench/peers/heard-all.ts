import { setTimeout as pause } from 'node:timers/promises';

import type { PeerProcess } from './peer-process.js';
import type { Heard, Sent } from './protocol.js';

/** How long what was sent may be on its way before it counts as lost. */
const PATIENCE_MS = 10_000;

/** What a responder has heard once it has heard all that was sent, or nothing more comes for too long. */
export async function heardAll(responder: PeerProcess, sent: Sent): Promise<Heard> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const heard = (await responder.ask({ do: 'report' })) as Heard;
    const isAll = heard.events.distinct >= sent.events && heard.queued.distinct >= sent.queued;
    if (isAll || Date.now() > deadline) return heard;
    await pause(50);
  }
}
