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

const hold = ({ holdMs }: Scene) => pause(holdMs);
const breaks = (how: Parameters<Stage['proxy']['breakOpen']>[0]) => async (scene: Scene) => {
  scene.stage.proxy.breakOpen(how);
  await hold(scene);
  scene.stage.proxy.heal();
};
const mood = (bad: ProviderMood) => async (scene: Scene) => {
  await scene.service.ask('mood', bad);
  await hold(scene);
  await scene.service.ask('mood', 'well');
};
/** The connections are reset while the provider is in that mood. */
const resetIn = (bad: ProviderMood) => async (scene: Scene) => {
  await scene.service.ask('mood', bad);
  await breaks('reset')(scene);
  await scene.service.ask('mood', 'well');
};

export const FAULTS: readonly Fault[] = [
  { name: 'reset', harm: 'requests', play: breaks('reset') },
  { name: 'end of stream', harm: 'requests', play: breaks('end') },
  { name: 'half open', harm: 'requests', play: breaks('halfOpen') },
  { name: 'stall', harm: 'requests', play: breaks('stall') },
  {
    name: 'latency',
    harm: 'nothing',
    play: async (scene) => {
      // Connections have it from the next rotation on, and lose it with the one after.
      scene.stage.proxy.treat({ pace: { latencyMs: 30 } });
      await hold(scene);
      scene.stage.proxy.heal();
    },
  },
  {
    name: 'resets at CONNECT',
    harm: 'requests',
    play: async (scene) => {
      scene.stage.proxy.treat({ breaks: { at: 'connect', how: 'reset' } });
      await breaks('reset')(scene);
    },
  },
  {
    name: 'address lost',
    harm: 'requests',
    play: async (scene) => {
      await scene.stage.proxy.unlisten();
      await hold(scene);
      await scene.stage.proxy.listen();
    },
  },
  { name: 'provider slow', harm: 'nothing', play: mood('slow') },
  { name: 'provider failing', harm: 'rotations', play: mood('failing') },
  { name: 'provider hanging', harm: 'rotations', play: mood('hanging') },
  { name: 'wrong password', harm: 'rotations', play: mood('wrong') },
  { name: 'reset, provider slow', harm: 'requests', play: resetIn('slow') },
  { name: 'reset, provider failing', harm: 'requests', play: resetIn('failing') },
  { name: 'reset, wrong password', harm: 'requests', play: resetIn('wrong') },
  {
    name: 'user dropped',
    harm: 'requests',
    play: async (scene) => {
      const dropped = await scene.service.ask('user', null);
      await scene.stage.admit(USERS.filter(({ user }) => user !== dropped));
      await hold(scene);
      await scene.stage.admit(USERS);
    },
  },
  {
    name: 'all users dropped',
    harm: 'requests',
    play: async (scene) => {
      await scene.stage.admit([]);
      await hold(scene);
      await scene.stage.admit(USERS);
    },
  },
  { name: 'reload', harm: 'nothing', play: ({ stage }) => stage.admit(USERS) },
  { name: 'server restarted', harm: 'requests', play: ({ stage }) => stage.server.restart() },
  {
    name: 'server killed',
    harm: 'requests',
    play: async (scene) => {
      await scene.stage.server.kill();
      await hold(scene);
      await scene.stage.server.restart();
    },
  },
  {
    name: 'server stopped',
    harm: 'requests',
    play: async (scene) => {
      scene.stage.server.signal('SIGSTOP');
      await hold(scene);
      scene.stage.server.signal('SIGCONT');
    },
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
