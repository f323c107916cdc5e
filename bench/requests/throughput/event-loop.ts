import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Participant } from '../systems/system.js';
import { type ClosedLoop, type LoopResult, runClosedLoop } from './closed-loop.js';
import { onceATurn } from './once-a-turn.js';

/**
 * Events under way. `emit()` of this package completes when the server has the event, with one PING and PONG for all events of a turn. To
 * wait for the same, `flush` has the others publish and flush once a turn. The stock `emit()` completes as soon as nats.js has the event in its
 * buffer: as it is, its loop goes on in the next `turn`, since one that never leaves its microtasks would write nothing.
 */
export interface EventLoad extends ClosedLoop {
  readonly then: 'flush' | 'turn' | 'nothing';
}

export function runEventLoop(
  participant: Participant,
  subject: string,
  load: EventLoad,
): Promise<LoopResult> {
  const then = {
    flush: onceATurn(() => participant.flush()),
    turn: onceATurn(nextTurn),
    nothing: undefined,
  }[load.then];
  return runClosedLoop(load, async (payload) => {
    await participant.emit(subject, payload);
    await then?.();
  });
}
