import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { faultCase } from './harness/fault-case.js';
import type { Scene } from './harness/scene.js';
import { clusterStage, passwordStage, PASSWORD, svcWith, tlsStage } from './harness/stages.js';

const restart = ({ stage }: Scene) => stage.server.restart();
const LAME_DUCK = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "20s"';

describe('a server', () => {
  faultCase({
    name: 'is killed and started again',
    cause: ({ stage }) => stage.server.kill(),
    leaves: 0,
    undo: restart,
  });
  faultCase({ name: 'is restarted in an orderly way', cause: restart });
  faultCase({
    name: 'is stopped (SIGSTOP) for longer than pings wait, and goes on',
    cause: ({ stage }) => stage.world.freeze(stage.server),
    leaves: 0,
    undo: ({ stage }) => stage.world.thaw(stage.server),
  });
  faultCase({
    name: 'is stopped and then killed',
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
    loses: [],
    cause: ({ stage }) => stage.server.reload(svcWith(PASSWORD)),
  });
  faultCase({
    name: 'reloads another password, which the provider has already',
    cause: ({ stage, provider }) => {
      provider.setDefault({ user: 'svc', pass: 'second-password' });
      return stage.server.reload(svcWith('second-password'));
    },
    counts: ['rejections_total{role=server,error=violation}', 'refreshes_total{reason=rejected}'],
  });
  faultCase({
    name: 'announces lame-duck mode, has no other beside it, and is started again',
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
    cause: async ({ stage }) => {
      await stage.server.reload(svcWith(PASSWORD, 'max_connections: 1'));
      stage.proxy.breakOpen('reset');
    },
    until: async ({ stage: { proxy } }) => {
      const before = proxy.accepted;
      await eventually(() => proxy.accepted > before + 3, { what: 'refused dials' });
    },
    leaves: 1,
    undo: ({ stage }) => stage.server.reload(svcWith(PASSWORD)),
  });
});

describe('a server with TLS', () => {
  const reload = (server: NatsServer, config: string) => server.reload(svcWith(PASSWORD, config));
  faultCase({
    name: 'gets another certificate, of an authority that clients know from its file',
    on: tlsStage,
    cause: async ({ stage: { files, server, proxy } }) => {
      await files.renew();
      await reload(server, files.config());
      proxy.breakOpen('reset');
    },
  });
  faultCase({
    name: 'turns TLS off for a while',
    on: tlsStage,
    cause: async ({ stage: { server, proxy } }) => {
      await reload(server, '');
      proxy.breakOpen('reset');
    },
    until: async ({ stage: { proxy } }) => {
      const before = proxy.accepted;
      await eventually(() => proxy.accepted > before + 3, { what: 'dials in vain' });
    },
    leaves: 0,
    undo: ({ stage: { server, files } }) => reload(server, files.config()),
  });
});

describe('a cluster', () => {
  faultCase({
    name: 'loses the node that is in use',
    on: clusterStage,
    cause: ({ stage }) => stage.server.kill(),
  });
  faultCase({
    name: 'loses all nodes and gets one back',
    on: clusterStage,
    cause: ({ stage }) => Promise.all(stage.cluster.servers.map((server) => server.kill())),
    leaves: 0,
    undo: ({ stage }) => stage.cluster.servers.at(-1)?.restart(),
  });
  faultCase({
    name: 'announces that the node in use is a lame duck',
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
