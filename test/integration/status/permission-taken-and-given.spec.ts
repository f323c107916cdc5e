import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthService,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

@Controller()
class Handlers {
  @MessagePattern('asked')
  asked() {
    return 'answered';
  }

  @MessagePattern('grouped', { queue: 'workers' } as never)
  grouped() {
    return 'answered';
  }

  @EventPattern('told')
  told(_event: unknown) {}
}

const ALL = ['asked', 'grouped workers', 'told', '_INBOX.>'];
const allowing = (allowed: string[]) =>
  `authorization { users: [ { user: svc, password: secret, permissions: { subscribe: ${JSON.stringify(allowed)} } },` +
  ` { user: caller, password: secret } ] }\n`;
const without = (...subjects: string[]) =>
  allowing(ALL.filter((one) => !subjects.some((subject) => one.startsWith(subject))));

async function start(config: string, options: Partial<NatsAuthModuleOptions> = {}) {
  const server = await serverForTest({ config });
  const told: string[] = [];
  const registry = new Registry();
  const app = await startService(
    {
      connection: { servers: server.url, reconnectTimeWait: 20 },
      handlers: { retry: { initialDelay: 20, maxDelay: 100 } },
      metrics: { registry },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
      ...options,
    },
    {
      controllers: [Handlers],
      providers: [
        {
          provide: 'listener',
          inject: [NatsAuthService],
          useFactory: (nats: NatsAuthService) => {
            nats.on('subscriptionRefused', ({ role, subject, tolerated }) =>
              told.push(`${role}: ${subject} refused${tolerated ? ', as it may be' : ''}`),
            );
            nats.on('subscriptionRestored', ({ role, subject }) => told.push(`${role}: ${subject} restored`));
          },
        },
      ],
    },
  );
  const health = () => app.get(NatsAuthHealthIndicator).check()['nats'];
  const until = (status: string) =>
    eventually(() => health()?.status === status, { what: `health to be ${status}` });
  const refusedNow = async () => {
    const gauge = await registry.getSingleMetric('nats_auth_subscriptions_refused')?.get();
    const values = gauge?.values ?? [];
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels['role']), value]));
  };
  const client = app.get(NatsAuthClient);
  const ask = (subject: string): Promise<string> =>
    firstValueFrom(client.send<string>(subject, {})).catch((error: unknown) => String(error));
  return { server, app, told, health, until, refusedNow, client, ask };
}

describe('a permission to subscribe', () => {
  it.each(['asked', 'grouped', 'told'])(
    'that a live service loses and gets back by reloads, for %s, turns health down and up',
    async (subject) => {
      const { server, told, until, refusedNow } = await start(allowing(ALL));
      expect(await refusedNow()).toEqual({ server: 0, client: 0, connection: 0 });
      await server.reload(without(subject));
      await until('down');
      expect(told).toEqual([`server: ${subject} refused`]);
      expect(await refusedNow()).toEqual({ server: 1, client: 0, connection: 0 });
      await server.reload(allowing(ALL));
      await until('up');
      expect(told).toEqual([`server: ${subject} refused`, `server: ${subject} restored`]);
      expect(await refusedNow()).toEqual({ server: 0, client: 0, connection: 0 });
    },
  );

  it('that was missing at the start and is given gets the handler its messages, without a reconnect', async () => {
    const { server, told, until, ask, app } = await start(without('asked'));
    expect(await ask('asked')).toMatch(/no subscribers/);
    const { since } = app.get(NatsAuthService).status.connections.server ?? {};
    await server.reload(allowing(ALL));
    await until('up');
    expect(await ask('asked')).toBe('answered');
    expect(told).toEqual(['server: asked refused', 'server: asked restored']);
    expect(app.get(NatsAuthService).status.connections.server).toMatchObject({ since });
  });

  it('of a queue group alone serves the handlers of that group', async () => {
    const { ask, told } = await start(allowing(['grouped workers', '_INBOX.>']));
    expect(await ask('grouped')).toBe('answered');
    expect(told).toEqual(['server: asked refused', 'server: told refused']);
  });

  it('to the reply inbox that is missing turns health down once a request has missed its reply, until it is given', async () => {
    const { server, told, until, client, ask, health, refusedNow } = await start(without('_INBOX'));
    await firstValueFrom(client.emit('told', {}), { defaultValue: undefined });
    expect(health()).toMatchObject({ status: 'up' });
    expect(await ask('asked')).toMatch(/Permissions Violation for Subscription to "_INBOX/);
    expect(health()).toMatchObject({
      status: 'down',
      reason: expect.stringContaining("'_INBOX.>'") as string,
    });
    expect(await refusedNow()).toEqual({ server: 0, client: 1, connection: 0 });
    await server.reload(allowing(ALL));
    await until('up');
    expect(await ask('asked')).toBe('answered');
    expect(told).toEqual(['client: _INBOX.> refused', 'client: _INBOX.> restored']);
  });

  it('to inboxes of one request each is told once, and found to be given', async () => {
    const { server, told, until, ask } = await start(without('_INBOX'), { client: { inbox: 'perRequest' } });
    for (let n = 0; n < 3; n++) expect(await ask('asked')).toMatch(/Permissions Violation/);
    await until('down');
    await server.reload(allowing(ALL));
    await until('up');
    expect(told).toEqual(['client: _INBOX.> refused', 'client: _INBOX.> restored']);
  });
});

describe("what 'handlers' says about refusals:", () => {
  it('a handler that may be refused is told once, and troubles neither health nor metrics nor a rotation', async () => {
    const { app, server, told, health, refusedNow } = await start(without('told'), {
      handlers: { mayBeRefused: ['told', 'grouped'] },
    });
    const nats = app.get(NatsAuthService);
    expect(health()).not.toMatchObject({ status: 'down' });
    expect(await refusedNow()).toEqual({ server: 0, client: 0, connection: 0 });
    expect(nats.status.connections.server).toMatchObject({
      toleratedRefusals: ["the credentials may not subscribe to 'told'"],
    });
    expect(nats.status.connections.server).not.toHaveProperty('refusedSubscriptions');
    await server.reload(without('told', 'grouped'));
    await eventually(() => told.length === 2, { what: 'the other refusal' });
    expect(await nats.rotate()).toEqual({ server: 'rotated' });
    expect(told).toEqual(['server: told refused, as it may be', 'server: grouped refused, as it may be']);
  });

  it("'failStart' makes listen() reject when a handler is refused that may not be", async () => {
    await expect(start(without('told'), { handlers: { failStart: true } })).rejects.toMatchObject({
      code: 'SUBSCRIPTION_REFUSED',
      message: expect.stringContaining("'told'") as string,
    });
    await start(without('told'), { handlers: { failStart: true, mayBeRefused: ['told'] } });
  });

  it('a pattern that no handler has is refused at the start', async () => {
    await expect(start(allowing(ALL), { handlers: { mayBeRefused: ['tolt'] } })).rejects.toMatchObject({
      option: 'handlers.mayBeRefused',
    });
  });
});
