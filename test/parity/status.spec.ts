import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { settled } from './harness/outcome.js';
import { DIFFERENCES } from './differences.js';
import { parity } from './harness/parity.js';
import { service } from './harness/service.js';
import { type StatusLog, statusOf } from './harness/status-log.js';
import { CREDENTIALS, users } from './harness/transports.js';

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

/** Another connection takes the only place that the server has. */
async function takeThePlaceOf(nc: NatsConnection, server: NatsServer): Promise<void> {
  let losses = 0;
  void (async () => {
    for await (const { type } of nc.status()) if (type === 'disconnect') losses++;
  })();
  while (losses === 0) {
    // The server chooses whom it ends.
    await server.reload(users());
    const other = await connect({ servers: server.url, ...CREDENTIALS, reconnect: false });
    await server.reload(`${users()}max_connections: 1\n`);
    await eventually(() => losses > 0 || other.isClosed(), { what: 'the server to end one of them' });
  }
}

describe('status while the server has no room', () => {
  parity('tells a dial that it refuses as a disconnect', {
    options: { ...patient, reconnectTimeWait: 50, reconnectJitter: 0 },
    config: users(),
    observe: async (run) => {
      const log = statusOf('client', run);
      const nc = (await run.client.connect()) as NatsConnection;
      let dials = 0;
      void (async () => {
        for await (const { type } of nc.status()) if (type === 'reconnecting') dials++;
      })();
      await takeThePlaceOf(nc, run.server);
      const told = () => log.entries.filter((entry) => entry.startsWith('on disconnect')).length;
      await eventually(() => told() > 1 || dials >= 5, { what: 'dials in vain' });
      return `on disconnect ${told() > 1 ? 'again' : 'once'}`;
    },
    stock: 'on disconnect again',
    difference: DIFFERENCES.tellsTheLossOnce,
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
