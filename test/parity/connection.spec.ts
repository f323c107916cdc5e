import type { ClientNats } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { from } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome, settled } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import type { Run } from './harness/run.js';
import { service } from './harness/service.js';
import { statusOf } from './harness/status-log.js';
import { users } from './harness/transports.js';

const patient = { maxReconnectAttempts: -1 };

describe('connecting', () => {
  parity('the first calls at once open one connection', {
    service,
    clientOptions: { name: 'the client' },
    observe: async ({ client, server }) => {
      await Promise.all(Array.from({ length: 10 }, (_, n) => outcome(client.send('echo', n))));
      const connections = await server.connections();
      return String(connections.filter(({ name }) => name === 'the client').length);
    },
    stock: '1',
  });

  parity('no server at the first connect: the call fails, and a later one connects', {
    config: users(),
    observe: async ({ client, server }) => {
      await server.kill();
      const failed = await outcome(client.emit('event', 1));
      await server.restart();
      return `${failed}; ${await outcome(client.emit('event', 2))}`;
    },
    stock: 'ConnectionError: connection refused; undefined |',
  });

  parity('no server when the service starts: listen() fails', {
    service,
    config: users(),
    observe: async (run) => {
      await run.server.kill();
      return settled(run.startService());
    },
    stock: 'ConnectionError: connection refused',
  });

  parity('credentials that the server does not take: the call fails', {
    config: users('', 'another'),
    observe: async ({ client }) => outcome(client.send('echo', 1)),
    stock: 'AuthorizationError: Authorization Violation',
    difference: DIFFERENCES.rejected,
  });

  parity('how soon a connection is found gone that was dropped without a word', {
    observe: async ({ client }) => {
      const nc = (await client.connect()) as { options: { pingInterval: number } };
      return `pings every ${nc.options.pingInterval} ms`;
    },
    stock: 'pings every 120000 ms',
    difference: DIFFERENCES.pings,
  });

  parity('the client comes back after more than ten dials in vain', {
    config: users(),
    clientOptions: { reconnectTimeWait: 1 },
    observe: async ({ client, server }) => {
      const nc = (await client.connect()) as NatsConnection;
      let reconnecting = 0;
      void (async () => {
        for await (const { type } of nc.status()) if (type === 'reconnecting') reconnecting++;
      })();
      await server.kill();
      await eventually(() => nc.isClosed() || reconnecting > 15, { what: 'more than ten dials' });
      return nc.isClosed() ? 'closed for good' : 'goes on';
    },
    stock: 'closed for good',
    difference: DIFFERENCES.reconnectsForEver,
  });
});

describe('while the server is away', () => {
  async function whileAway(run: Run, call: (client: ClientNats) => Promise<string>): Promise<string> {
    const log = statusOf('client', run);
    await run.client.connect();
    await run.server.kill();
    await eventually(() => !log.isConnected, { what: 'the disconnect' });
    return call(run.client);
  }

  parity('send() and emit()', {
    config: users(),
    clientOptions: patient,
    observe: (run) =>
      whileAway(
        run,
        async (client) =>
          `${await outcome(client.send('echo', 1), 300)}; ${await outcome(client.emit('event', 1), 300)}`,
      ),
    stock:
      'error "Error: Connection lost. Trying to reconnect..."; error "Error: Connection lost. Trying to reconnect..."',
    difference: DIFFERENCES.waitsWhileDisconnected,
  });

  parity('a request whose handler runs on is answered after the restart', {
    service,
    config: users(),
    options: patient,
    observe: async (run) => {
      const logs = [statusOf('client', run), statusOf('service', run)];
      const answer = outcome(run.client.send('slow', 'survived'), 10_000);
      await eventually(() => run.journal.entries.length > 0, { what: 'the handler' });
      await Promise.all(logs.map((log) => eventually(() => log.isConnected)));
      await run.server.kill();
      await Promise.all(logs.map((log) => eventually(() => !log.isConnected, { what: 'the disconnect' })));
      await run.server.restart();
      await Promise.all(logs.map((log) => eventually(() => log.isConnected, { what: 'the reconnect' })));
      // The server has the reply subscription again.
      await run.client.unwrap<NatsConnection>().flush();
      run.journal.release();
      return answer;
    },
    stock: '"survived" |',
  });
});

describe('a server that does not answer', () => {
  parity('emit() completes', {
    config: users(),
    observe: async ({ client, server }) => {
      await client.connect();
      server.signal('SIGSTOP');
      try {
        const answers = () => outcome(from(client.unwrap<NatsConnection>().flush()), 50);
        await eventually(async () => (await answers()) === 'TimeoutError', { what: 'the server to stop' });
        return await outcome(client.emit('event', 1), 300);
      } finally {
        server.signal('SIGCONT');
      }
    },
    stock: 'undefined |',
    difference: DIFFERENCES.confirmedEvents,
  });
});
