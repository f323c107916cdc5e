import { NatsAuthService } from 'nestjs-nats-auth';
import { TokenFileProvider } from 'nestjs-nats-auth/providers';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';

import { TestFolder } from '../../../libs/providers/files/files.fixture.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('a file that was replaced is told and counted as a change, from the request to the rotation', async () => {
  const server = await serverForTest();
  const folder = await TestFolder.make();
  await folder.replace('token', 'first-token');
  const reasons: string[] = [];
  const file = new TokenFileProvider({ path: folder.file('token'), permissions: 'ignore' });
  const registry = new Registry();
  const app = await startService(
    {
      connection: { servers: server.url },
      metrics: { registry },
      userInfoProvider: {
        getUserInfo: (request) => {
          reasons.push(request.reason);
          return file.getUserInfo(request);
        },
        watch: (changed) => file.watch(changed),
      },
    },
    {},
  );
  const told: string[] = [];
  const nats = app.get(NatsAuthService);
  nats.on('refreshed', ({ reason }) => told.push(`refreshed: ${reason}`));
  nats.on('replaced', ({ trigger }) => told.push(`replaced: ${trigger}`));
  nats.on('rotated', ({ trigger }) => told.push(`rotated: ${trigger}`));

  await folder.replace('token', 'second-token');
  await eventually(() => told.length === 3, { what: 'the rotation' });

  expect(reasons).toEqual(['connect', 'changed']);
  expect(told).toEqual(['refreshed: changed', 'replaced: changed', 'rotated: changed']);
  const metrics = await registry.metrics();
  const counted = [...metrics.matchAll(/^nats_auth_(\w+)\{.*(?:reason|trigger)="([\w-]+)".*\} [1-9]/gm)];
  const series = new Set(counted.map(([, name, cause]) => `${name} ${cause}`));
  expect([...series].filter((one) => !one.includes('_bucket')).sort()).toEqual([
    'credential_age_at_rotation_seconds_count changed',
    'refreshes_total changed',
    'refreshes_total connect',
  ]);
});
