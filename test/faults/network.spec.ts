import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect } from 'vitest';

import type { Breakage, Step, Treatment } from '../support/fault-link.js';
import { dialsInVain } from './harness/dials-in-vain.js';
import { faultCase } from './harness/fault-case.js';
import type { Scene } from './harness/scene.js';
import { twoAddresses } from './harness/stages.js';
import { failingStartCase } from './harness/failing-start-case.js';
import { startFaultCase } from './harness/start-fault-case.js';
import type { RowName } from './table/rows.js';

/** All connections are reset, and what is dialled from then on is treated like this. */
const redialled = (treatment: Treatment) => ({
  cause: ({ stage: { proxy } }: Scene) => {
    proxy.treat(treatment);
    proxy.breakOpen('reset');
  },
  undo: ({ stage: { proxy } }: Scene) => proxy.heal(),
});

/** Waits until the application has connected again and again. */
const connects = async ({ stage: { proxy } }: Scene) => {
  const before = proxy.accepted;
  await eventually(() => proxy.accepted > before + 3, { what: 'connects' });
};

const STEPS: Record<Step, string> = {
  accept: 'as it is accepted',
  info: 'after INFO',
  connect: 'at CONNECT',
  pong: 'after the PONG that accepts CONNECT',
  message: 'in the middle of a message',
};

/** After these the application was connected, for a moment. */
const CONNECTED: readonly Step[] = ['pong', 'message'];

const ROW_OF_STEP: Record<Step, RowName> = {
  accept: 'breaksBeforeInfo',
  info: 'breaksAtConnect',
  connect: 'breaksAtConnect',
  pong: 'breaksAfterConnect',
  message: 'breaksAfterConnect',
};

const broken = (how: Breakage, at: Step) => ({
  row: how === 'reset' || how === 'end' || at === 'pong' ? ROW_OF_STEP[at] : ('noAnswer' as const),
  ...redialled({ breaks: { at, how } }),
  until: CONNECTED.includes(at) ? connects : dialsInVain,
  leaves: CONNECTED.includes(at) ? undefined : 0,
  // What does not answer is given up after this.
  options: { connection: { timeout: 150 } },
});

describe('a network that breaks connections', () => {
  faultCase({
    name: 'resets all of them',
    row: 'connectionsBreak',
    cause: ({ stage }) => stage.proxy.breakOpen('reset'),
  });
  faultCase({
    name: 'ends all of them',
    row: 'connectionsBreak',
    cause: ({ stage }) => stage.proxy.breakOpen('end'),
  });
  faultCase({
    name: 'resets all of them five times in a row',
    row: 'connectionsBreak',
    cause: async ({ stage: { proxy } }) => {
      for (let round = 0; round < 5; round++) {
        const before = proxy.accepted;
        proxy.breakOpen('reset');
        await eventually(() => proxy.accepted > before && proxy.open > 0, { what: 'another dial' });
      }
    },
  });
  for (const step of Object.keys(STEPS) as Step[])
    faultCase({ name: `resets each ${STEPS[step]}`, ...broken('reset', step) });
  for (const step of Object.keys(STEPS) as Step[])
    faultCase({ name: `ends each ${STEPS[step]}`, ...broken('end', step) });
});

describe('a network that says nothing', () => {
  faultCase({
    name: 'leaves connections half open: the server is gone and nobody tells the client',
    row: 'silence',
    cause: ({ stage }) => stage.proxy.breakOpen('halfOpen'),
  });
  faultCase({
    name: 'holds everything back for longer than pings wait, and delivers it then',
    row: 'silence',
    cause: ({ stage }) => stage.proxy.breakOpen('stall'),
    undo: ({ stage }) => stage.proxy.heal(),
  });
  faultCase({
    name: 'holds everything back for shorter than that',
    row: 'shortSilence',
    loses: [],
    options: { connection: { pingInterval: 20_000 } },
    cause: async ({ stage: { proxy } }, { load }) => {
      proxy.breakOpen('stall');
      const first = load.next;
      await load.sends(10);
      const last = load.next;
      expect(load.answeredFrom(first), 'answers to what is held back').toBe(0);
      proxy.heal();
      await eventually(() => load.answeredFrom(first) > load.answeredFrom(last), {
        what: 'an answer to what was held back',
      });
    },
  });
  for (const step of ['accept', 'info', 'connect', 'pong'] as const)
    faultCase({ name: `stalls each connection ${STEPS[step]}`, ...broken('stall', step) });
  faultCase({ name: 'forgets the server of each connection after INFO', ...broken('halfOpen', 'info') });
});

describe('a slow network', () => {
  faultCase({
    name: 'delivers each byte by itself',
    row: 'connectionsBreak',
    ...redialled({ pace: { byteAtATime: true } }),
    undo: undefined,
  });
  faultCase({
    name: 'takes 40 ms for each piece of data',
    row: 'connectionsBreak',
    ...redialled({ pace: { latencyMs: 40 } }),
    undo: undefined,
  });
});

describe('an address that is answered by something else', () => {
  const answers = (rewriteInfo: Treatment['rewriteInfo']) => ({
    row: 'garbageForInfo' as const,
    ...redialled({ rewriteInfo }),
    until: dialsInVain,
    leaves: 0,
    // Long: what makes no sense is given up at once, not when the time for a dial is over.
    options: { connection: { timeout: 15_000 } },
  });
  faultCase({ name: 'puts garbage before INFO', ...answers((info) => `\0\x01garbage\r\n${info}`) });
  faultCase({
    name: 'puts garbage into INFO',
    ...answers((info) => info.replace('"version"', '"ver\0sion')),
  });
  faultCase({ name: 'gives INFO that is no object', ...answers(() => 'INFO null\r\n') });
  faultCase({ name: 'gives INFO without a version', ...answers(() => 'INFO {}\r\n') });
  faultCase({
    name: 'speaks HTTP',
    ...answers(() => 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  });
  faultCase({
    name: 'puts garbage between messages',
    row: 'garbageBetween',
    // Long: pings would find out, some time.
    options: { connection: { pingInterval: 20_000 } },
    cause: ({ stage }) => stage.proxy.inject('!garbage that is no protocol\r\n'),
  });
  faultCase({
    name: 'sends an -ERR that nobody knows',
    row: 'unknownError',
    loses: [],
    cause: ({ stage }) => stage.proxy.inject(`-ERR 'Tea Break'\r\n`),
  });
  faultCase({
    name: 'says that the credentials are no good, although they are',
    row: 'falseViolation',
    cause: ({ stage }) => stage.proxy.inject(`-ERR 'Authorization Violation'\r\n`),
    counts: [
      'rejections_total{role=server,error=violation}',
      'rejections_total{role=client,error=violation}',
    ],
  });
});

describe('an address that is lost', () => {
  faultCase({
    name: 'and found again',
    row: 'unreachable',
    cause: ({ stage }) => stage.proxy.unlisten(),
    leaves: 0,
    undo: ({ stage }) => stage.proxy.listen(),
  });
  faultCase({
    name: 'while a rotation is under way, and found again',
    row: 'unreachable',
    cause: async ({ stage }, performance) => {
      const rotated = performance.nats.rotate();
      await stage.proxy.unlisten();
      await rotated.catch(() => undefined);
    },
    leaves: 0,
    undo: ({ stage }) => stage.proxy.listen(),
  });
  faultCase({
    name: 'while there is another',
    row: 'oneOfSeveral',
    on: twoAddresses,
    cause: ({ stage }) => stage.proxy.unlisten(),
  });
  faultCase({
    name: 'and found again as the other one is lost',
    row: 'oneOfSeveral',
    on: twoAddresses,
    cause: ({ stage }) => stage.proxy.unlisten(),
    until: ({ stage }) => eventually(() => stage.second.open > 0, { what: 'the other address to be used' }),
    undo: async ({ stage }) => {
      await stage.proxy.listen();
      await stage.second.unlisten();
    },
  });
  failingStartCase({
    name: 'as the application starts, which does not wait for it',
    row: 'unreachableAtStart',
    cause: ({ stage }) => stage.proxy.unlisten(),
  });
  startFaultCase({
    name: 'as the application starts, and found later',
    row: 'unreachable',
    options: { connection: { waitOnFirstConnect: true } },
    cause: ({ stage }) => stage.proxy.unlisten(),
    undo: ({ stage, log }) =>
      eventually(() => [...log.lines].some((line) => line.includes('cannot reach')), {
        what: 'a dial in vain',
      }).then(() => stage.proxy.listen()),
  });
});
