import { compare, type Comparison, takeTurns } from '../comparison.js';
import { Contestant, type Stage, startPeer } from '../contestant.js';
import { printComparison } from '../print.js';

const SYSTEMS = ['stock', 'ours', 'bare'] as const;
type System = (typeof SYSTEMS)[number];

const FIGURES = ['callerRequest', 'responderRequest', 'subscription'] as const;

/** Bytes of heap, and of memory outside of it, for each request that waits for its answer on either side, and for each handler. */
export interface MemoryFigures extends Comparison<System, (typeof FIGURES)[number]> {
  readonly requests: number;
  readonly subscriptions: number;
}

/** How much of each is there at once. */
export type Amount = Pick<MemoryFigures, 'requests' | 'subscriptions'>;

const EXPOSE_GC = ['--expose-gc'];

/** Memory of each system. */
export async function compareMemory(stage: Stage, amount: Amount, rounds: number): Promise<MemoryFigures> {
  const measured = await takeTurns(SYSTEMS, rounds, (system) => memoryOf(system, stage, amount));
  return { ...amount, ...compare(measured, FIGURES) };
}

async function memoryOf(system: System, stage: Stage, { requests, subscriptions }: Amount) {
  const contestant = await Contestant.start(system, stage, () => EXPOSE_GC);
  try {
    const without = await contestant.responder.ask('usedMemory', null);
    const withMore = await memoryOfResponder(system, stage, subscriptions);
    // The first time Node.js compiles, and keeps what it has compiled.
    await hold(contestant, requests);
    return { ...(await hold(contestant, requests)), subscription: (withMore - without) / subscriptions };
  } finally {
    await contestant.end();
  }
}

async function memoryOfResponder(system: System, stage: Stage, moreHandlers: number): Promise<number> {
  const responder = await startPeer(stage, { system, role: 'responder', moreHandlers }, EXPOSE_GC);
  try {
    return await responder.ask('usedMemory', null);
  } finally {
    await responder.end();
  }
}

async function hold({ caller, responder }: Contestant, requests: number) {
  const used = async () => [await caller.ask('usedMemory', null), await responder.ask('usedMemory', null)];
  const [callerBefore = NaN, responderBefore = NaN] = await used();
  await caller.ask('sendHeld', requests);
  await responder.ask('holds', requests);
  const [callerAfter = NaN, responderAfter = NaN] = await used();
  await responder.ask('release', null);
  await caller.ask('answered', null);
  return {
    callerRequest: (callerAfter - callerBefore) / requests,
    responderRequest: (responderAfter - responderBefore) / requests,
  };
}

export function printMemory({
  requests,
  subscriptions,
  figures,
  timesStock,
  timesBare,
}: MemoryFigures): void {
  const [many, handlers] = [requests, subscriptions].map((n) => n.toLocaleString('en'));
  const title = `Memory, B: of each of ${many} requests without an answer yet, and of each of ${handlers} handlers`;
  printComparison(title, figures, { stock: timesStock, bare: timesBare }, [
    ['callerRequest', 'request, caller', 0],
    ['responderRequest', 'request, responder', 0],
    ['subscription', 'handler', 0],
  ]);
}
