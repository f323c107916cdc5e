import { Logger } from '@nestjs/common';
import type { NatsAuthEvents } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

describe('a server that closes connections without a word when it has seen the credentials', () => {
  async function start(waitOnFirstConnect: boolean) {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const warned = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const registry = new Registry();
    const client = await startClient({
      connection: { servers: proxy.url, waitOnFirstConnect, reconnectTimeWait: 20, reconnectJitter: 0 },
      rejection: { initialDelay: 5, maxDelay: 5 },
      metrics: { registry },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    });
    const suspected = async () => {
      const metric = await registry.getSingleMetric('nats_auth_rejections_total')?.get();
      return (metric?.values ?? []).filter(
        ({ labels, value }) => value > 0 && labels['error'] === 'suspected' && labels['role'] === 'client',
      ).length;
    };
    const told = () => warned.mock.calls.map(([line]) => String(line)).join('\n');
    return { proxy, client, service: serviceOf(client), suspected, told };
  }

  async function isTold({ service, suspected, told }: Awaited<ReturnType<typeof start>>) {
    await eventually(() => service.status.lastError !== undefined, { what: 'the status to say so' });
    expect(service.status.lastError?.message).toMatch(/network.*or the server rejected/);
    expect(await suspected()).toBe(1);
    expect(told()).toMatch(/default\/client: not connected to 127\.0\.0\.1:\d+: .*without a word/);
  }

  const silent = (proxy: FaultProxy) => proxy.treat({ breaks: { at: 'connect', how: 'end' } });

  it('is told while it waits for its first connect, and forgotten when that is there', async () => {
    const started = await start(true);
    silent(started.proxy);
    const connecting = started.client.connect();
    await isTold(started);
    started.proxy.heal();
    await connecting;
    expect(started.service.status.lastError).toBeUndefined();
  });

  it('is told in an outage', async () => {
    const started = await start(false);
    await started.client.connect();
    silent(started.proxy);
    started.proxy.breakOpen('reset');
    await isTold(started);
    started.proxy.heal();
    await eventually(() => started.service.status.connections.client?.state === 'connected', {
      what: 'the client to be back',
    });
  });

  it('fails the first connect after as many attempts as rejections have', async () => {
    const started = await start(false);
    silent(started.proxy);
    const failures: NatsAuthEvents['connectFailed'][] = [];
    started.service.on('connectFailed', (event) => failures.push(event));
    await expect(started.client.connect()).rejects.toMatchObject({ code: 'CONNECT_REFUSED' });
    expect(failures).toHaveLength(5);
  });
});
