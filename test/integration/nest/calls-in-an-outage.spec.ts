import { type NatsAuthEvents, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { WorkController } from '../rotation/work.js';
import { startService } from './app.js';

const config = (pass: string) => `authorization { users: [ { user: svc, password: ${pass} } ] }\n`;

/** A service whose provider gives the password that it is told, and counts its calls. */
async function start() {
  const server = await serverForTest({ config: config('first') });
  const provider = { pass: 'first', calls: 0 };
  const options: NatsAuthModuleOptions = {
    connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    rejection: { initialDelay: 1 },
    userInfoProvider: {
      getUserInfo: () => {
        provider.calls++;
        return { user: 'svc', pass: provider.pass };
      },
    },
  };
  const app = await startService(options, { controllers: [WorkController] });
  const nats = app.get(NatsAuthService);
  const rejected: NatsAuthEvents['rejected'][] = [];
  nats.on('rejected', (event) => rejected.push(event));
  let failed = 0;
  nats.on('connectFailed', () => failed++);
  const isConnected = () => nats.status.connections.server?.state === 'connected';
  const dialsInVain = async () => {
    const before = failed;
    await eventually(() => failed >= before + 5, { what: 'five dials in vain' });
  };
  const back = () => eventually(isConnected, { what: 'the service to be back' });
  return { server, provider, nats, rejected, dialsInVain, back };
}

describe('while the server is down', () => {
  it('the provider is asked once for all dials, and the server sees what it gave', async () => {
    const { server, provider, rejected, dialsInVain, back } = await start();
    provider.pass = 'second';
    await server.kill();
    await dialsInVain();
    await restartWith(server, 'second');
    await back();
    expect(provider.calls).toBe(2);
    expect(rejected).toEqual([]);
  });

  it('what was fetched meanwhile is presented without another call', async () => {
    const { server, provider, nats, rejected, dialsInVain, back } = await start();
    await server.kill();
    await dialsInVain();
    provider.pass = 'second';
    await nats.refresh();
    const { calls } = provider;
    provider.pass = 'third';
    await dialsInVain();
    await restartWith(server, 'second');
    await back();
    expect(provider.calls).toBe(calls);
    expect(rejected).toEqual([]);
  });

  it('a password that changed after it was fetched costs one rejection: the provider is asked anew', async () => {
    const { server, provider, nats, rejected, dialsInVain, back } = await start();
    await server.kill();
    await dialsInVain();
    await nats.refresh();
    const { calls } = provider;
    provider.pass = 'second';
    await dialsInVain();
    await restartWith(server, 'second');
    await back();
    expect(provider.calls).toBe(calls + 1);
    expect(rejected).toHaveLength(1);
  });
});

async function restartWith(server: NatsServer, pass: string): Promise<void> {
  await server.start(config(pass));
}
