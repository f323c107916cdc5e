import type { RefreshReason, UserInfo } from 'nestjs-nats-auth';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { eventually, freePort, type ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe, expect, onTestFinished } from 'vitest';

import { resolveName } from '../support/host-names.js';
import type { Case } from './harness/case.js';
import { failingStartCase } from './harness/failing-start-case.js';
import { faultCase } from './harness/fault-case.js';
import type { Performance, Scene } from './harness/scene.js';
import { passwordStage, SVC, svcWith } from './harness/stages.js';
import { startFaultCase } from './harness/start-fault-case.js';
import type { RowName } from './table/rows.js';

const OTHER = { user: 'other', pass: 'second-password' };
const userLine = ({ user = '', pass = '' }: UserInfo) => `{ user: ${user}, password: "${pass}" }`;
const CHANGED = { user: 'svc', pass: 'second-password' };

/** What a provider does before it gives user info again, and what becomes of such a call, if it fails. */
const TROUBLES = {
  'is slow': { script: (provider, next) => provider.thenDelays(200, next), row: 'slow' },
  'hangs twice': { script: (provider) => provider.thenHangs(2), failsAs: 'timeout', row: 'hangs' },
  'fails three times': {
    script: (provider) => provider.thenFails(new Error('IAM is down'), 3),
    failsAs: 'error',
    row: 'fails',
  },
} satisfies Record<string, Trouble>;

interface Trouble {
  readonly script: (provider: ScriptedUserInfoProvider, next: UserInfo) => unknown;
  readonly failsAs?: 'timeout' | 'error';
  readonly row: RowName;
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
      on: () => passwordStage(`authorization { users: [ ${[SVC, OTHER].map(userLine).join(', ')} ] }\n`),
      loses: [],
      cause: ({ provider }) => {
        begin(provider, 0, OTHER);
        provider.setDefault(OTHER);
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

/** One that is slow says nothing of itself: what made it necessary does. */
const SLOW_ROWS: Record<RefreshReason, RowName> = {
  connect: 'slow',
  reconnect: 'connectionsBreak',
  rejected: 'changedPassword',
  expiring: 'slow',
  changed: 'slow',
  manual: 'slow',
};

/** What begins the trouble, after so many calls that have none, and what must have come of it. */
function troubled(reason: RefreshReason, { script, failsAs, row }: Trouble, ...counts: string[]) {
  let first = NaN;
  return {
    row: failsAs ? row : SLOW_ROWS[reason],
    begin: (provider: ScriptedUserInfoProvider, after = 0, next = SVC) => {
      first = provider.calls.length + after;
      script(provider, next);
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

describe('the service that a provider asks', () => {
  const trouble = (endpoint: () => string | Promise<string>) => ({
    cause: async ({ stage, provider }: Scene) => {
      provider.asks(await endpoint());
      stage.proxy.breakOpen('reset');
    },
    until: (_: unknown, { truth }: Performance) =>
      eventually(async () => (await truth.value('refresh_failures_total', { cause: 'error' })) > 0, {
        what: 'a call that fails',
      }),
    undo: ({ provider }: Scene) => provider.asks(undefined),
  });
  faultCase({ name: 'answers with 500', row: 'endpointFails', ...trouble(() => httpServer(500)) });
  faultCase({
    name: 'has a name that does not exist',
    row: 'endpointUnknown',
    ...trouble(() => {
      resolveName('iam.example', () => []);
      return 'http://iam.example/token';
    }),
  });
  faultCase({
    name: 'does not listen',
    row: 'endpointGone',
    ...trouble(async () => `http://127.0.0.1:${await freePort()}/token`),
  });
});

describe('a provider that gives', () => {
  const wrong = { user: 'svc', pass: 'wrong-password' };
  const reset = ({ stage }: Scene) => stage.proxy.breakOpen('reset');
  const VIOLATIONS = ['rejections_total{error=violation}'];

  startFaultCase({
    name: 'wrong credentials four times at the start',
    row: 'wrongAtStart',
    cause: ({ provider }) => provider.thenReturns(wrong, 4),
    counts: VIOLATIONS,
  });
  failingStartCase({
    name: 'nothing but wrong credentials at the start',
    row: 'wrongPasswordAtStart',
    options: { rejection: { initialDelay: 10, maxDelay: 20, maxOnConnect: 3 } },
    cause: ({ provider }) => provider.setDefault(wrong),
  });
  failingStartCase({
    name: 'nothing at the start',
    row: 'failsAtStart',
    options: { refresh: { retry: { initialDelay: 10, maxDelay: 20, maxAttempts: 2 } } },
    cause: ({ provider }) => provider.thenFails(new Error('IAM is down'), 10),
  });
  faultCase({
    name: 'wrong credentials four times after a reset',
    row: 'wrongPassword',
    cause: (scene) => {
      scene.provider.thenReturns(wrong, 4);
      reset(scene);
    },
    counts: VIOLATIONS,
  });
  faultCase({
    name: 'wrong credentials to a rotation: the connections in use stay',
    row: 'wrongToRotation',
    loses: [],
    cause: async ({ provider }, { nats }) => {
      provider.thenReturns(wrong, 1);
      await nats.rotate();
    },
    counts: [...VIOLATIONS, 'rotations_total{outcome=success}'],
  });
  faultCase({
    name: 'credentials that the server knows later: its identity store lags',
    row: 'wrongPassword',
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
    row: 'invalid',
    cause: (scene) => {
      scene.provider.thenReturns({ pass: 'alone' }, 3);
      reset(scene);
    },
    counts: ['refresh_failures_total{cause=invalid}'],
  });
  faultCase({
    name: 'a failure that it calls final, after the first connect',
    row: 'finalFailure',
    cause: (scene) => {
      scene.provider.thenFails(Object.assign(new Error('no such user'), { retryable: false }), 2);
      reset(scene);
    },
    counts: ['refresh_failures_total{cause=error}'],
  });
  faultCase({
    name: 'the same again although it expires',
    row: 'notNewer',
    options: { refresh: { retry: { initialDelay: 10, maxDelay: 50 }, ahead: { fraction: 0.3, jitter: 0 } } },
    loses: [],
    cause: async ({ provider }, { nats }) => {
      provider.setDefault({ ...SVC, expiresAt: Date.now() + 4_000 });
      await nats.rotate();
    },
    until: (_, { truth }) =>
      eventually(async () => (await truth.value('refresh_failures_total', { cause: 'not_newer' })) > 0, {
        what: 'a refresh that renews nothing',
      }),
    undo: ({ provider }) => provider.setDefault({ ...SVC, expiresAt: Date.now() + 600_000 }),
  });
  faultCase({
    name: 'nothing any more, while what it gave is good still',
    row: 'goneForGood',
    cause: (scene) => {
      scene.provider.thenFails(new Error('IAM is down'), 10_000);
      reset(scene);
    },
    counts: ['reuses_total{kind=stale}'],
  });
  faultCase({
    name: 'nothing for the whole of an outage of the server',
    row: 'goneWithServer',
    cause: async ({ stage, provider }) => {
      provider.thenFails(new Error('IAM is down'), 20);
      await stage.server.kill();
    },
    leaves: 0,
    undo: ({ stage }) => stage.server.restart(),
  });
});

/** A service that answers everything with this status. */
async function httpServer(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, { connection: 'close' }).end());
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // Only what the application leaves open counts.
  server.unref();
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${port}/token`;
}
