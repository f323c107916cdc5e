import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe, onTestFinished } from 'vitest';

import { resolveName } from '../support/host-names.js';
import { createTlsFiles, type TlsFiles } from '../support/tls.js';
import { dialsInVain } from './harness/dials-in-vain.js';
import { failingStartCase } from './harness/failing-start-case.js';
import { faultCase } from './harness/fault-case.js';
import type { Scene } from './harness/scene.js';
import { startFaultCase } from './harness/start-fault-case.js';
import { clusterStage, passwordStage, PASSWORD, svcWith, tlsStage } from './harness/stages.js';

const restart = ({ stage }: Scene) => stage.server.restart();
const LAME_DUCK = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "20s"';

describe('a server', () => {
  faultCase({
    name: 'is killed and started again',
    row: 'downBehindBalancer',
    cause: ({ stage }) => stage.server.kill(),
    leaves: 0,
    undo: restart,
  });
  faultCase({ name: 'is restarted in an orderly way', row: 'restarted', cause: restart });
  faultCase({
    name: 'is stopped (SIGSTOP) for longer than pings wait, and goes on',
    row: 'frozen',
    cause: ({ stage }) => stage.world.freeze(stage.server),
    leaves: 0,
    undo: ({ stage }) => stage.world.thaw(stage.server),
  });
  faultCase({
    name: 'is stopped and then killed',
    row: 'frozen',
    cause: ({ stage }) => stage.world.freeze(stage.server),
    leaves: 0,
    undo: async ({ stage }) => {
      await stage.server.kill();
      stage.world.thaw(stage.server);
      await stage.server.restart();
    },
  });
  faultCase({
    name: 'reloads (SIGHUP) what it has',
    row: 'reloadedSame',
    loses: [],
    cause: ({ stage }) => stage.server.reload(svcWith(PASSWORD)),
  });
  faultCase({
    name: 'reloads another password, which the provider has already',
    row: 'changedPassword',
    cause: ({ stage, provider }) => {
      provider.setDefault({ user: 'svc', pass: 'second-password' });
      return stage.server.reload(svcWith('second-password'));
    },
    counts: ['rejections_total{role=server,error=violation}', 'refreshes_total{reason=rejected}'],
  });
  faultCase({
    name: 'announces lame-duck mode, has no other beside it, and is started again',
    row: 'lameDuckAlone',
    on: () => passwordStage(svcWith(PASSWORD, LAME_DUCK)),
    loses: [],
    cause: ({ stage }) => stage.server.lameDuck(),
    until: (_, { truth }) =>
      eventually(async () => (await truth.value('rotations_total', { outcome: 'failure' })) > 0, {
        what: 'a rotation in vain',
      }),
    undo: async ({ stage }) => {
      await stage.server.kill();
      await stage.server.restart();
    },
  });
  faultCase({
    name: 'takes no more connections than it has, and loses those',
    row: 'full',
    cause: async ({ stage }) => {
      await stage.server.reload(svcWith(PASSWORD, 'max_connections: 1'));
      stage.proxy.breakOpen('reset');
    },
    until: dialsInVain,
    leaves: 1,
    undo: ({ stage }) => stage.server.reload(svcWith(PASSWORD)),
  });
});

describe('a server whose user may not subscribe to what a handler is for', () => {
  const DENIED = `authorization { users: [ { user: svc, password: "${PASSWORD}", permissions: { subscribe: { deny: [work] } } } ] }\n`;
  faultCase({
    name: 'takes the permission away, and gives it back',
    row: 'noPermission',
    loses: [],
    answers: false,
    cause: ({ stage }) => stage.server.reload(DENIED),
    until: (_, { truth }) =>
      eventually(async () => (await truth.value('subscriptions_refused', { role: 'server' })) > 0, {
        what: 'a refused subscription',
      }),
    undo: ({ stage }) => stage.server.reload(svcWith(PASSWORD)),
  });
  startFaultCase({
    name: 'gives the permission after the application has started',
    row: 'noPermission',
    on: () => passwordStage(DENIED),
    cause: () => undefined,
    undo: async ({ stage, log }) => {
      await eventually(() => [...log.lines].some((line) => line.startsWith('ERROR default')), {
        what: 'a line about it',
      });
      await stage.server.reload(svcWith(PASSWORD));
    },
  });
});

describe('a server with TLS', () => {
  const reload = (server: NatsServer, config: string) => server.reload(svcWith(PASSWORD, config));
  faultCase({
    name: 'gets another certificate, of an authority that clients know from its file',
    row: 'tlsRenewed',
    on: tlsStage,
    cause: async ({ stage: { files, server, proxy } }) => {
      await files.renew();
      await reload(server, files.config());
      proxy.breakOpen('reset');
    },
  });
  faultCase({
    name: 'turns TLS off for a while',
    row: 'tlsOff',
    on: tlsStage,
    cause: async ({ stage: { server, proxy } }) => {
      await reload(server, '');
      proxy.breakOpen('reset');
    },
    until: dialsInVain,
    leaves: 0,
    undo: ({ stage: { server, files } }) => reload(server, files.config()),
  });
});

describe('a server with a certificate that clients do not trust', () => {
  type TlsScene = Scene<Awaited<ReturnType<typeof tlsStage>>>;
  const restartedWith = async ({ stage: { server } }: TlsScene, files: TlsFiles) => {
    await server.kill();
    await server.start(svcWith(PASSWORD, files.config()));
  };
  const untrusted = async (scene: TlsScene) => {
    const others = await createTlsFiles();
    onTestFinished(() => others.remove());
    await restartedWith(scene, others);
  };
  faultCase({
    name: 'has it after a restart, and the right one again after another',
    row: 'tlsUntrusted',
    on: tlsStage,
    cause: untrusted,
    until: dialsInVain,
    leaves: 0,
    undo: (scene) => restartedWith(scene, scene.stage.files),
  });
  failingStartCase({
    name: 'has it as the application starts',
    row: 'tlsUntrustedAtStart',
    on: tlsStage,
    cause: untrusted,
  });
});

describe('the name of a server', () => {
  const NAME = 'nats.example';
  failingStartCase({
    name: 'does not exist as the application starts',
    row: 'wrongName',
    on: async () => ({ ...(await passwordStage()), addresses: [`nats://${NAME}:4222`] }),
    cause: () => resolveName(NAME, () => []),
  });
  faultCase({
    name: 'is lost, and found again',
    row: 'nameLost',
    on: async () => {
      const stage = await passwordStage();
      let exists = true;
      resolveName(NAME, () => (exists ? ['127.0.0.1'] : []));
      const set = (value: boolean) => {
        exists = value;
      };
      return { ...stage, addresses: [`nats://${NAME}:${stage.proxy.port}`], set };
    },
    cause: ({ stage }) => {
      stage.set(false);
      stage.proxy.breakOpen('reset');
    },
    leaves: 0,
    undo: ({ stage }) => stage.set(true),
  });
});

describe('a cluster', () => {
  faultCase({
    name: 'loses the node that is in use',
    row: 'oneOfSeveral',
    on: clusterStage,
    cause: ({ stage }) => stage.server.kill(),
  });
  faultCase({
    name: 'loses all nodes and gets one back',
    row: 'unreachable',
    on: clusterStage,
    cause: ({ stage }) => Promise.all(stage.cluster.servers.map((server) => server.kill())),
    leaves: 0,
    undo: ({ stage }) => stage.cluster.servers.at(-1)?.restart(),
  });
  faultCase({
    name: 'announces that the node in use is a lame duck',
    row: 'lameDuck',
    on: clusterStage,
    loses: [],
    cause: ({ stage }) => stage.server.lameDuck(),
    counts: [
      'rotations_total{role=server,mode=handover,outcome=success}',
      'rotations_total{role=client,mode=handover,outcome=success}',
      'connects_total{role=server,kind=handover}',
    ],
  });
});
