import type { RefreshReason } from 'nestjs-nats-auth';
import { eventually, type ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe, expect } from 'vitest';

import type { Case } from './harness/case.js';
import { faultCase } from './harness/fault-case.js';
import type { Scene } from './harness/scene.js';
import { SVC, svcWith } from './harness/stages.js';
import { startFaultCase } from './harness/start-fault-case.js';

const CHANGED = { user: 'svc', pass: 'second-password' };

/** What a provider does before it gives user info again, and what becomes of such a call, if it fails. */
const TROUBLES = {
  'is slow': { script: (provider) => provider.thenDelays(200, SVC) },
  'hangs twice': { script: (provider) => provider.thenHangs(2), failsAs: 'timeout' },
  'fails three times': {
    script: (provider) => provider.thenFails(new Error('IAM is down'), 3),
    failsAs: 'error',
  },
} satisfies Record<string, Trouble>;

interface Trouble {
  readonly script: (provider: ScriptedUserInfoProvider) => unknown;
  readonly failsAs?: 'timeout' | 'error';
}

/** A fault that makes the application ask its provider for each reason, and the trouble that this call has. */
const OCCASIONS: Record<RefreshReason, (name: string, trouble: Trouble) => void> = {
  connect: (name, trouble) => {
    const { begin, ...expected } = troubled('connect', trouble, 'refreshes_total{reason=connect}');
    startFaultCase({ name, cause: ({ provider }) => begin(provider), ...expected });
  },
  reconnect: (name, trouble) => {
    // What it gave before is good still, and serves for one that fails.
    const served = trouble.failsAs ? 'reuses_total{kind=stale}' : 'refreshes_total{reason=reconnect}';
    const { begin, ...expected } = troubled('reconnect', trouble, served);
    faultCase({
      name,
      cause: ({ stage, provider }) => {
        begin(provider);
        stage.proxy.breakOpen('reset');
      },
      ...expected,
    });
  },
  rejected: (name, trouble) => {
    const { begin, ...expected } = troubled('rejected', trouble, 'refreshes_total{reason=rejected}');
    faultCase({
      name,
      cause: async ({ stage, provider }, { truth }) => {
        await stage.server.reload(svcWith(CHANGED.pass));
        // Who lost the server's last words with the socket has heard them now.
        for (const role of ['server', 'client'])
          await eventually(async () => (await truth.value('rejections_total', { role })) > 0, {
            what: `a rejection of the ${role} connection`,
          });
        // The answer of a slow one is the old password, and rejected once more.
        begin(provider);
        provider.setDefault(CHANGED);
      },
      ...expected,
    });
  },
  expiring: (name, trouble) => {
    const { begin, ...expected } = troubled(
      'expiring',
      trouble,
      'refreshes_total{reason=expiring}',
      'credential_age_at_rotation_seconds{trigger=expiring}',
    );
    faultCase({
      name,
      options: {
        refresh: { timeout: 300, retry: { initialDelay: 10, maxDelay: 50 }, ahead: { fraction: 0.5 } },
      },
      loses: [],
      cause: async ({ provider }, { nats }) => {
        provider.thenReturns({ ...SVC, expiresAt: Date.now() + 2_000 });
        begin(provider, 1);
        provider.setDefault({ ...SVC, expiresAt: Date.now() + 600_000 });
        await nats.rotate();
      },
      ...expected,
    });
  },
  changed: (name, trouble) => {
    const { begin, ...expected } = troubled(
      'changed',
      trouble,
      'refreshes_total{reason=changed}',
      'credential_age_at_rotation_seconds{trigger=changed}',
    );
    faultCase({
      name,
      loses: [],
      cause: ({ provider }) => {
        begin(provider);
        provider.changed();
      },
      ...expected,
    });
  },
  manual: (name, trouble) => {
    const { begin, ...expected } = troubled(
      'manual',
      trouble,
      'refreshes_total{reason=manual}',
      'rotations_total{role=client,outcome=success}',
    );
    faultCase({
      name,
      loses: [],
      cause: async ({ provider }, { nats }) => {
        begin(provider);
        await nats.rotate();
      },
      ...expected,
    });
  },
};

/** What begins the trouble, after so many calls that have none, and what must have come of it. */
function troubled(reason: RefreshReason, { script, failsAs }: Trouble, ...counts: string[]) {
  let first = NaN;
  return {
    begin: (provider: ScriptedUserInfoProvider, after = 0) => {
      first = provider.calls.length + after;
      script(provider);
    },
    counts: [...counts, ...(failsAs ? [`refresh_failures_total{reason=${reason},cause=${failsAs}}`] : [])],
    inTheEnd: ({ provider }: Scene) => {
      expect(provider.calls[first]?.reason, 'the reason of the call that had trouble').toBe(reason);
    },
  } satisfies Partial<Case> & { begin: unknown };
}

describe.each(Object.keys(OCCASIONS) as RefreshReason[])(
  'a provider that is asked for the reason %s',
  (reason) => {
    for (const [name, trouble] of Object.entries(TROUBLES)) OCCASIONS[reason](name, trouble);
  },
);

describe('a provider that gives', () => {
  const wrong = { user: 'svc', pass: 'wrong-password' };
  const reset = ({ stage }: Scene) => stage.proxy.breakOpen('reset');
  const VIOLATIONS = ['rejections_total{error=violation}'];

  startFaultCase({
    name: 'wrong credentials four times at the start',
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
    cause: async ({ provider }, { nats }) => {
      provider.thenReturns(wrong, 1);
      await nats.rotate();
    },
    counts: [...VIOLATIONS, 'rotations_total{outcome=success}'],
  });
  faultCase({
    name: 'credentials that the server knows later: its identity store lags',
    cause: (scene) => {
      scene.provider.setDefault(CHANGED);
      reset(scene);
    },
    until: ({ provider }) => {
      const before = provider.calls.length;
      return eventually(() => provider.calls.length > before + 4, { what: 'rejected credentials' });
    },
    leaves: 0,
    undo: ({ stage }) => stage.server.reload(svcWith(CHANGED.pass)),
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
    leaves: 0,
    undo: ({ stage }) => stage.server.restart(),
  });
});
