import { eventually } from 'nestjs-nats-auth/testing';
import { describe, onTestFinished, vi } from 'vitest';

import { faultCase } from './harness/fault-case.js';
import type { Scene } from './harness/scene.js';
import { passwordStage, type ProxyStage, SVC } from './harness/stages.js';

const HOURS = 60 * 60_000;
const FRESH = { user: 'fresh', pass: 'second-password' };

/** Steps the wall clock; timers and everything else go on. */
function stepClock(byMs: number): void {
  const realNow = Date.now;
  const now = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);
  onTestFinished(() => now.mockRestore());
}

const stepAndReset = (byMs: number) => ({
  cause: ({ stage }: Scene) => {
    stepClock(byMs);
    stage.proxy.breakOpen('reset');
  },
});

/** What a process sees whose machine was suspended: the wall clock jumps, and its connections are long gone. */
const suspended = (byMs: number) => ({
  cause: ({ stage, provider }: Scene) => {
    stage.proxy.breakOpen('halfOpen');
    stepClock(byMs);
    provider.setDefault({ ...FRESH, expiresAt: Date.now() + HOURS });
  },
  inTheEnd: presentsFresh,
});

/** The server goes on to know who expires: that nobody is who has expired is up to the application. */
async function hourlyStage(): Promise<ProxyStage> {
  const users = [SVC, FRESH].map(({ user, pass }) => `{ user: ${user}, password: "${pass}" }`);
  const stage = await passwordStage(`authorization { users: [ ${users.join(', ')} ] }\n`);
  return { ...stage, userInfo: { ...SVC, expiresAt: Date.now() + HOURS } };
}

async function presentsFresh({ stage }: Scene): Promise<void> {
  await eventually(async () => (await stage.world.users()).every((user) => user === FRESH.user), {
    what: 'connections of the fresh user only',
  });
}

describe('a wall clock', () => {
  faultCase({
    name: 'is set forward by eight hours, and connections break',
    row: 'stepAndBreak',
    ...stepAndReset(8 * HOURS),
  });
  faultCase({
    name: 'is set back by eight hours, and connections break',
    row: 'stepAndBreak',
    ...stepAndReset(-8 * HOURS),
  });
  faultCase({
    name: 'is set back by eight hours while the server is down',
    row: 'downBehindBalancer',
    cause: async ({ stage }, { truth }) => {
      await stage.server.kill();
      await eventually(() => truth.says('client', false), { what: 'the client to notice' });
      stepClock(-8 * HOURS);
    },
    leaves: 0,
    undo: ({ stage }) => stage.server.restart(),
  });
  faultCase({
    name: 'is set forward by eight hours under connections that stay',
    row: 'step',
    loses: [],
    cause: () => stepClock(8 * HOURS),
  });
  faultCase({
    name: 'is set beyond the expiry of what is in use: it is refreshed, and rotated to',
    row: 'stepBeyondExpiry',
    on: hourlyStage,
    loses: [],
    cause: ({ provider }) => {
      stepClock(2 * HOURS);
      provider.setDefault({ ...FRESH, expiresAt: Date.now() + HOURS });
    },
    inTheEnd: presentsFresh,
    counts: ['refreshes_total{reason=expiring}', 'rotations_total{role=server,outcome=success}'],
  });
});

describe('a machine', () => {
  faultCase({
    name: 'is suspended for eight hours, which its credentials do not outlive',
    row: 'suspended',
    on: hourlyStage,
    // Without a refresh ahead, which may open another connection before anybody hears that the old one is gone.
    options: { refresh: { ahead: false } },
    ...suspended(8 * HOURS),
  });
  faultCase({
    name: 'is suspended while it may reuse credentials: those that expired are not presented',
    row: 'suspended',
    on: hourlyStage,
    // Without a refresh ahead, which would replace them after that.
    options: { refresh: { reuse: 60_000, ahead: false } },
    ...suspended(8 * HOURS),
  });
});
