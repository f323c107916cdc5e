import type { NatsAuthService, RefreshReason } from 'nestjs-nats-auth';
import { eventually, type ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { type Fault, faultCase } from './harness/fault-case.js';
import type { Performance, Scene } from './harness/scene.js';
import { passwordStage, PASSWORD, type Stage, svcWith } from './harness/stages.js';

const SVC = { user: 'svc', pass: PASSWORD };
const CHANGED = 'second-password';

/** What a provider does before it gives user info again. */
const TROUBLES: Record<string, (provider: ScriptedUserInfoProvider) => unknown> = {
  'is slow': (provider) => provider.thenDelays(200, SVC),
  'hangs twice': (provider) => provider.thenHangs(2),
  'fails three times': (provider) => provider.thenFails(new Error('IAM is down'), 3),
};

/** A fault that makes the application ask its provider for each reason. */
const OCCASIONS: Record<RefreshReason, (trouble: (typeof TROUBLES)[string]) => Omit<Fault<Stage>, 'name'>> = {
  connect: (trouble) => ({
    atStart: true,
    cause: ({ provider }) => trouble(provider),
    counts: ['refreshes_total{reason=connect}'],
  }),
  reconnect: (trouble) => ({
    cause: async ({ stage, provider }) => {
      await trouble(provider);
      stage.proxy.breakOpen('reset');
    },
  }),
  rejected: (trouble) => ({
    // Asks with the words of the first call; the answer of a slow one is the old password, and rejected once more.
    cause: async ({ stage, provider }) => {
      await trouble(provider);
      provider.setDefault({ user: 'svc', pass: CHANGED });
      await stage.server.reload(svcWith(CHANGED));
    },
    counts: ['refreshes_total{reason=rejected}', 'rejections_total{role=client,error=violation}'],
  }),
  expiring: (trouble) => ({
    on: expiringStage,
    options: {
      refresh: { timeout: 300, retry: { initialDelay: 10, maxDelay: 50 }, ahead: { fraction: 0.5 } },
    },
    loses: [],
    cause: ({ provider }) => {
      provider.setDefault({ ...SVC, expiresAt: Date.now() + 600_000 });
      return trouble(provider);
    },
    counts: ['refreshes_total{reason=expiring}', 'rotations_total{role=server,outcome=success}'],
  }),
  manual: (trouble) => ({
    loses: [],
    cause: async ({ provider }, performance) => {
      await trouble(provider);
      await rotate(performance);
    },
    counts: ['refreshes_total{reason=manual}', 'rotations_total{role=client,outcome=success}'],
  }),
};

/** User info that expires soon. */
async function expiringStage(): Promise<Stage> {
  const stage = await passwordStage();
  return { ...stage, userInfo: { ...SVC, expiresAt: Date.now() + 3_000 } };
}

async function rotate(performance: Performance | undefined): Promise<void> {
  const nats: NatsAuthService | undefined = performance?.nats;
  await nats?.rotate();
}

describe.each(Object.keys(OCCASIONS) as RefreshReason[])(
  'a provider that is asked for the reason %s',
  (reason) => {
    for (const [name, trouble] of Object.entries(TROUBLES))
      faultCase({ name, ...OCCASIONS[reason](trouble) });
  },
);

describe('a provider that gives', () => {
  const wrong = { user: 'svc', pass: 'wrong-password' };
  const reset = ({ stage }: Scene) => stage.proxy.breakOpen('reset');
  const VIOLATIONS = ['rejections_total{error=violation}'];

  faultCase({
    name: 'wrong credentials four times at the start',
    atStart: true,
    cause: ({ provider }) => provider.thenReturns(wrong, 4),
    counts: VIOLATIONS,
  });
  faultCase({
    name: 'wrong credentials four times after a reset',
    cause: (scene) => {
      scene.provider.thenReturns(wrong, 4);
      reset(scene);
    },
    counts: VIOLATIONS,
  });
  faultCase({
    name: 'wrong credentials to a rotation: the connections in use stay',
    loses: [],
    cause: async ({ provider }, performance) => {
      provider.thenReturns(wrong, 1);
      await rotate(performance);
    },
    counts: [...VIOLATIONS, 'rotations_total{outcome=success}'],
  });
  faultCase({
    name: 'credentials that the server knows later: its identity store lags',
    cause: (scene) => {
      scene.provider.setDefault({ user: 'svc', pass: CHANGED });
      reset(scene);
    },
    until: ({ provider }) => {
      const before = provider.calls.length;
      return eventually(() => provider.calls.length > before + 4, { what: 'rejected credentials' });
    },
    undo: ({ stage }) => stage.server.reload(svcWith(CHANGED)),
    counts: VIOLATIONS,
  });
  faultCase({
    name: 'rubbish three times',
    cause: (scene) => {
      scene.provider.thenReturns({ pass: 'alone' }, 3);
      reset(scene);
    },
    counts: ['refresh_failures_total{cause=invalid}'],
  });
  faultCase({
    name: 'a failure that it calls final, after the first connect',
    cause: (scene) => {
      scene.provider.thenFails(Object.assign(new Error('no such user'), { retryable: false }), 2);
      reset(scene);
    },
    counts: ['refresh_failures_total{cause=error}'],
  });
  faultCase({
    name: 'nothing any more, while what it gave is good still',
    cause: (scene) => {
      scene.provider.thenFails(new Error('IAM is down'), 10_000);
      reset(scene);
    },
    counts: ['reuses_total{kind=stale}'],
  });
  faultCase({
    name: 'nothing for the whole of an outage of the server',
    cause: async ({ stage, provider }) => {
      provider.thenFails(new Error('IAM is down'), 20);
      await stage.server.kill();
    },
    undo: ({ stage }) => stage.server.restart(),
  });
});
