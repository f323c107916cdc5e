import { type NatsAuthModuleOptions, NatsAuthServer, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';

const A_MINUTE = 60_000;
const users = (...names: string[]) =>
  `authorization { users: [ ${names.map((name) => `{ user: ${name}, password: secret }`).join(', ')} ] }\n`;

const ROLES = {
  client: async (options: NatsAuthModuleOptions) => {
    const client = await startClient(options);
    await client.connect();
    return { transport: client, nats: serviceOf(client) };
  },
  server: async (options: NatsAuthModuleOptions) => {
    const app = await startService(options, {});
    return { transport: app.get(NatsAuthServer), nats: app.get(NatsAuthService) };
  },
};

describe.each(['client', 'server'] as const)("NestJS's status of the %s", (role) => {
  let user: string;
  beforeEach(() => {
    user = 'first';
  });

  it('is connected when a new connection took the place of one that gave up', async () => {
    const server = await serverForTest();
    const { statuses, nats } = await observed({ servers: server.url, maxReconnectAttempts: 1 });
    let gaveUp = false;
    nats.on('closed', () => (gaveUp = true));
    await server.kill();
    await eventually(() => gaveUp, { what: 'the connection to give up' });
    expect(statuses.at(-1)).not.toBe('connected');
    await server.restart();
    await eventually(() => stateOf(nats) === 'connected', { what: 'the new connection' });
    expect(statuses.at(-1)).toBe('connected');
  });

  it('is connected after a handover during which the old connection was lost', async () => {
    const server = await serverForTest({ config: users('first', 'second') });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    // The old connection waits before it dials again.
    const { statuses, nats } = await observed({ servers: proxy.url, reconnectTimeWait: A_MINUTE });
    proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
    user = 'second';
    const rotation = nats.rotate();
    await eventually(() => proxy.accepted === 2, { what: 'the dial of the new connection' });
    await server.reload(users('second'));
    await eventually(() => stateOf(nats) === 'disconnected', { what: 'the old connection to be lost' });
    expect(statuses.at(-1)).not.toBe('connected');
    proxy.heal();
    await rotation;
    expect(statuses.at(-1)).toBe('connected');
  });

  async function observed(connection: NatsAuthModuleOptions['connection']) {
    const { transport, nats } = await ROLES[role]({
      connection: { reconnectTimeWait: 20, ...connection },
      rotation: { retry: { initialDelay: 20, maxDelay: 20 } },
      userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) },
    });
    const statuses: string[] = [];
    transport.status.subscribe((status) => statuses.push(status));
    expect(statuses).toEqual(['connected']);
    return { statuses, nats };
  }

  const stateOf = (nats: NatsAuthService) => nats.status.connections[role]?.state;
});
