import { setTimeout as pause } from 'node:timers/promises';

import type { Child } from '../child/child.js';
import type { Harm, ProviderMood } from './service/protocol.js';
import type { ServiceCommands } from './service/service.js';
import { type Stage, USERS } from './stage.js';

/** What a fault is played on. */
export interface Scene {
  readonly stage: Stage;
  readonly service: Child<ServiceCommands>;
  /** How long it is to last, in ms. */
  readonly holdMs: number;
}

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  readonly harm: Harm;
  /** Causes it, and takes it back. */
  play(scene: Scene): Promise<void>;
}

type Step = (scene: Scene) => unknown;

/** Something that is caused, lasts, and is taken back. */
const lasting = (cause: Step, undo: Step) => async (scene: Scene) => {
  await cause(scene);
  await pause(scene.holdMs);
  await undo(scene);
};
const heal: Step = ({ stage }) => stage.proxy.heal();
const breaks = (how: Parameters<Stage['proxy']['breakOpen']>[0]) =>
  lasting(({ stage }) => stage.proxy.breakOpen(how), heal);
const mood =
  (of: ProviderMood): Step =>
  ({ service }) =>
    service.ask('mood', of);
const inMood = (bad: ProviderMood) => lasting(mood(bad), mood('well'));
/** The connections are reset while the provider is in that mood. */
const resetIn = (bad: ProviderMood) => async (scene: Scene) => {
  await mood(bad)(scene);
  await breaks('reset')(scene);
  await mood('well')(scene);
};
const admitAll: Step = ({ stage }) => stage.admit(USERS);

export const FAULTS: readonly Fault[] = [
  { name: 'reset', harm: 'requests', play: breaks('reset') },
  { name: 'end of stream', harm: 'requests', play: breaks('end') },
  { name: 'half open', harm: 'requests', play: breaks('halfOpen') },
  { name: 'stall', harm: 'requests', play: breaks('stall') },
  {
    name: 'latency',
    harm: 'nothing',
    // Connections have it from the next rotation on, and lose it with the one after.
    play: lasting(({ stage }) => stage.proxy.treat({ pace: { latencyMs: 30 } }), heal),
  },
  {
    name: 'resets at CONNECT',
    harm: 'requests',
    play: lasting(({ stage }) => {
      stage.proxy.treat({ breaks: { at: 'connect', how: 'reset' } });
      stage.proxy.breakOpen('reset');
    }, heal),
  },
  {
    name: 'address lost',
    harm: 'requests',
    play: lasting(
      ({ stage }) => stage.proxy.unlisten(),
      ({ stage }) => stage.proxy.listen(),
    ),
  },
  { name: 'provider slow', harm: 'nothing', play: inMood('slow') },
  { name: 'provider failing', harm: 'rotations', play: inMood('failing') },
  { name: 'provider hanging', harm: 'rotations', play: inMood('hanging') },
  { name: 'wrong password', harm: 'rotations', play: inMood('wrong') },
  { name: 'reset, provider slow', harm: 'requests', play: resetIn('slow') },
  { name: 'reset, provider failing', harm: 'requests', play: resetIn('failing') },
  { name: 'reset, wrong password', harm: 'requests', play: resetIn('wrong') },
  {
    name: 'user dropped',
    harm: 'requests',
    play: lasting(async ({ stage, service }) => {
      const dropped = await service.ask('user', null);
      await stage.admit(USERS.filter(({ user }) => user !== dropped));
    }, admitAll),
  },
  {
    name: 'all users dropped',
    harm: 'requests',
    play: lasting(({ stage }) => stage.admit([]), admitAll),
  },
  { name: 'reload', harm: 'nothing', play: ({ stage }) => stage.admit(USERS) },
  { name: 'server restarted', harm: 'requests', play: ({ stage }) => stage.server.restart() },
  {
    name: 'server killed',
    harm: 'requests',
    play: lasting(
      ({ stage }) => stage.server.kill(),
      ({ stage }) => stage.server.restart(),
    ),
  },
  {
    name: 'server stopped',
    harm: 'requests',
    play: lasting(
      ({ stage }) => stage.server.signal('SIGSTOP'),
      ({ stage }) => stage.server.signal('SIGCONT'),
    ),
  },
];

/** Faults without end, after one that the service is warm from: each once in random order, and again in another. */
export function* drawFaults(random: () => number): Generator<Fault, never> {
  // Reconnecting and being refused allocate things that stay; a short run must not begin without.
  yield* FAULTS.filter(({ name }) => name === 'all users dropped');
  for (;;) {
    const left = [...FAULTS];
    while (left.length > 0) yield* left.splice(Math.floor(random() * left.length), 1);
  }
}
