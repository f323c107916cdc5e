import { describe, expect, it } from 'vitest';

import { Application } from './harness/application.js';
import { secretsIn } from './harness/search.js';
import { type Stage, STAGES } from './harness/stages.js';

/** Secrets in the words of somebody else, in shapes that are known for what they are. */
const FOREIGN = {
  jwt: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJpYW0ifQ.MARKED-by-an-iam',
  seed: `SU${'MARKED'.repeat(9)}AA`,
  url: 'MARKED-in-an-address',
};

interface Scenario {
  readonly name: string;
  readonly play: (app: Application, stage: Stage) => Promise<void>;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'the first connect is accepted', play: (app) => app.start() },
  {
    name: 'the first connect is rejected',
    play: async (app, stage) => {
      app.provide = () => stage.bad();
      await expect(app.start()).rejects.toMatchObject({ code: 'REJECTED' });
    },
  },
  {
    name: 'what was accepted is rejected later',
    play: async (app, stage) => {
      await app.start();
      await stage.revoke();
      await app.hears('disconnected');
      await app.answers();
    },
  },
  {
    name: 'the provider fails before the first connect, with secrets in its words',
    play: async (app) => {
      app.provide = () => {
        throw new Error(`401 for nats://svc:${FOREIGN.url}@iam: ${FOREIGN.jwt} ${FOREIGN.seed}`);
      };
      await expect(app.start()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    },
  },
  {
    name: 'the provider fails later, with secrets in its words',
    play: async (app) => {
      await app.start();
      app.provide = () =>
        Promise.reject(new Error(`401 for nats://svc:${FOREIGN.url}@iam: ${FOREIGN.jwt} ${FOREIGN.seed}`));
      await app.fails(app.nats.refresh());
      await app.fails(app.nats.rotate());
      await app.hears('refreshFailed');
    },
  },
  {
    name: 'the provider gives what is no user info',
    play: async (app, stage) => {
      await app.start();
      const wrongs: unknown[] = [
        Object.values<unknown>({ ...stage.good() })[0],
        [stage.good()],
        { ...stage.good(), secret: stage.good() },
        { user: stage.good() },
        { ...stage.good(), expiresAt: Object.values<unknown>({ ...stage.good() })[0] },
      ];
      for (const wrong of wrongs) {
        app.provide = () => wrong as never;
        await app.fails(app.nats.refresh());
      }
    },
  },
  {
    name: 'the provider does not answer',
    play: async (app, stage) => {
      await app.start();
      app.provide = async () => {
        const userInfo = stage.good();
        return new Promise(() => userInfo);
      };
      await app.fails(app.nats.refresh());
    },
  },
  {
    name: 'a handover',
    play: async (app) => {
      await app.start({ rotation: { mode: 'handover' } });
      for (let turn = 0; turn < 3; turn++) await app.nats.rotate();
      await app.answers();
    },
  },
  {
    name: 'a reconnect in place',
    play: async (app) => {
      await app.start({ rotation: { mode: 'reconnect' } });
      for (let turn = 0; turn < 3; turn++) await app.nats.rotate();
      await app.answers();
    },
  },
  {
    name: 'a rotation to what the server rejects',
    play: async (app, stage) => {
      await app.start();
      app.provide = () => stage.bad();
      await app.fails(app.nats.rotate());
      await app.hears('rejected');
      await app.answers();
    },
  },
  {
    name: 'a refresh ahead of the expiry',
    play: async (app, stage) => {
      app.provide = () => ({ ...stage.good(), expiresAt: Date.now() + 3_000 });
      await app.start();
      await app.hears('renewed');
      await app.hears('rotated');
    },
  },
  {
    name: 'the signer fails with a secret in its words',
    play: async (app) => {
      app.provide = () => ({
        nkey: `U${'A'.repeat(55)}`,
        sign: () => {
          throw new Error(`no key ${FOREIGN.seed}`);
        },
      });
      // A server without nonces asks for no signature.
      await app.start().catch(() => undefined);
    },
  },
  {
    name: 'the server restarts under load',
    play: async (app, stage) => {
      await app.start();
      const load = Array.from({ length: 20 }, () => app.answers());
      await stage.server.kill();
      await stage.server.restart();
      await Promise.all(load);
    },
  },
  {
    name: 'the application closes under load',
    play: async (app) => {
      await app.start();
      await Promise.all(Array.from({ length: 20 }, () => app.answers()));
      await app.close();
    },
  },
];

describe.each(Object.entries(STAGES))('%s', (_, start) => {
  it.each(SCENARIOS)('$name', async ({ play }) => {
    const stage = await start();
    const app = new Application(stage);
    await play(app, stage);
    await app.look();
    const { everything } = app.ears;
    expect(everything.length).toBeGreaterThan(500);
    expect(secretsIn(everything, [...stage.secrets, ...Object.values(FOREIGN)])).toEqual([]);
  });
});
