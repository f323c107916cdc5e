// A process of its own: a caller or a responder of one of the systems.
import 'reflect-metadata';

import { answer } from '../child/commands.js';
import { usedMemory } from '../child/used-memory.js';
import { type OpenLoop, runOpenLoop } from './latency/open-loop.js';
import { rotateAgain, type Rotations } from './latency/rotations.js';
import { HeldRequests } from './memory/held-requests.js';
import { startBare } from './systems/bare.js';
import { Handlers } from './systems/handlers.js';
import { startOurs, startOursToBare, startTraced } from './systems/ours.js';
import { startPlain } from './systems/plain.js';
import { startPromised } from './systems/promised.js';
import { startStock } from './systems/stock.js';
import { type PeerOptions, type StartSystem, subjectsOf, type SystemName } from './systems/system.js';
import { type ClosedLoop, runClosedLoop } from './throughput/closed-loop.js';
import { type EventLoad, runEventLoop } from './throughput/event-loop.js';

const starts: Record<SystemName, StartSystem> = {
  stock: startStock,
  ours: startOurs,
  oursToBare: startOursToBare,
  traced: startTraced,
  plain: startPlain,
  promised: startPromised,
  bare: startBare,
};

const options = JSON.parse(process.argv[2] ?? '') as PeerOptions;
const subjects = subjectsOf(options);
const handlers = new Handlers();
const held = new HeldRequests();
const participant = await starts[options.system](options, handlers);

/** What a peer can be asked. */
export type PeerCommands = typeof commands;

const commands = {
  // What a caller does.
  request: (load: ClosedLoop) => runClosedLoop(load, request),
  emit: (load: EventLoad) => runEventLoop(participant, subjects.event, load),
  requestAtRate: async ({ rotations, ...load }: OpenLoop & { rotations?: Rotations }) => {
    const [latency, rotated] = await Promise.all([
      runOpenLoop(load, request),
      rotations ? rotate(rotations) : 0,
    ]);
    return { ...latency, rotations: rotated };
  },
  sendHeld: (count: number) => held.send(count, () => participant.request(subjects.held, 'x'.repeat(16))),
  answered: (_: null) => held.answered(),

  // What a responder does.
  heard: (events: number) => handlers.heard(events),
  holds: (requests: number) => handlers.holds(requests),
  release: (_: null) => handlers.release(),

  // What both do.
  rotate,
  usedMemory: (_: null) => usedMemory(),
  /** CPU time of this process since its start, in µs. */
  cpuMicros: (_: null) => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

answer(commands);

/** @throws {Error} for an answer that is not what was sent. */
async function request(payload: string): Promise<void> {
  const answered = await participant.request(subjects.echo, payload);
  if (answered !== payload) throw new Error('The answer is not what was sent.');
}

function rotate(rotations: Rotations): Promise<number> {
  if (!participant.rotate) throw new Error(`The system '${options.system}' cannot rotate.`);
  return rotateAgain(participant.rotate, rotations);
}
