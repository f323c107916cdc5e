import type { NatsConnection } from '@nats-io/transport-node';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { settled } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { service } from './harness/service.js';
import { type StatusLog, statusOf } from './harness/status-log.js';
import { users } from './harness/transports.js';

const patient = { maxReconnectAttempts: -1 };

async function restart(server: NatsServer, log: StatusLog): Promise<void> {
  await server.kill();
  await eventually(() => !log.isConnected, { what: 'the disconnect' });
  await server.restart();
  await eventually(() => log.entries.some((entry) => entry.startsWith('on reconnect')), {
    what: 'the reconnect',
  });
}

describe('status', () => {
  parity("of the client: 'status' and on() over a restart of the server", {
    options: patient,
    config: users(),
    observe: async (run) => {
      const log = statusOf('client', run);
      await run.client.connect();
      await restart(run.server, log);
      return log.toString();
    },
    stock:
      'connected, disconnected, on disconnect 127.0.0.1:PORT, reconnecting, connected, on reconnect 127.0.0.1:PORT',
  });

  parity("of the service: 'status' and on() over a restart of the server", {
    service,
    options: patient,
    config: users(),
    observe: async (run) => {
      const log = statusOf('service', run);
      await restart(run.server, log);
      return log.toString();
    },
    stock:
      'connected, disconnected, on disconnect 127.0.0.1:PORT, reconnecting, connected, on reconnect 127.0.0.1:PORT',
  });
});

describe('unwrap()', () => {
  parity("gives the nats.js connection that the transport uses, the client's and the service's", {
    service,
    observe: async ({ client, service: app, server }) => {
      await client.connect();
      const connections = [client.unwrap<NatsConnection>(), app.unwrap<NatsConnection>()];
      return connections
        .map(
          (nc) =>
            `${nc.constructor.name} to ${nc.getServer() === `127.0.0.1:${server.port}` ? 'the server' : '?'}`,
        )
        .join(', ');
    },
    stock: 'NatsConnectionImpl to the server, NatsConnectionImpl to the server',
  });

  parity('publishes, requests and subscribes beside the transport', {
    service,
    observe: async ({ client }) => {
      await client.connect();
      const nc = client.unwrap<NatsConnection>();
      const answer = await nc.request('echo', '{"data":"beside","id":"x"}');
      return answer.string();
    },
    stock: '{"response":"beside","isDisposed":true,"id":"x"}',
  });

  parity('throws before the first connect', {
    observe: ({ client }) => settled(Promise.resolve().then(() => client.unwrap())),
    stock: 'Error: Not initialized. Please call the "connect" method first.',
  });
});
