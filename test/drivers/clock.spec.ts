import { describe, it } from 'vitest';

import { stepClock } from '../support/step-clock.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest } from './servers.js';

const HOURS = 60 * 60_000;

describe.each(DRIVERS)('$label, when the wall clock is set', (tested) => {
  it.each([
    ['back', -8 * HOURS],
    ['forward', 8 * HOURS],
  ])('%s by hours, dials again as soon as ever', async (_, byMs) => {
    const server = await serverForTest();
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: server.url },
    });
    const nc = await peer.open();
    stepClock(byMs);
    await server.kill();
    await server.restart();
    await peer.until('connected', 2);
    await roundTrip(nc);
  });
});
