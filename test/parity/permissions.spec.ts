import { eventually } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { service } from './harness/service.js';
import { users } from './harness/transports.js';

describe('permissions and reply inboxes', () => {
  parity('a publish that the server refuses', {
    config: users('permissions: { publish: { deny: "secret.>" } }'),
    observe: async ({ client }) => {
      await client.connect();
      return `${await outcome(client.send('secret.plans', 1))}; ${await outcome(client.emit('secret.ideas', 1))}`;
    },
    stock: 'TimeoutError; undefined |',
    difference: DIFFERENCES.refusedPublish,
  });

  parity('a reply inbox that the server refuses fails the request', {
    service,
    config: users('permissions: { subscribe: { deny: "_INBOX.>" } }'),
    observe: async ({ client }) => {
      const first = await outcome(client.send('echo', 1));
      const second = await outcome(client.send('echo', 1));
      return [first, second].map((told) => told.replace(/_INBOX\.\S+/, '_INBOX.…"')).join('; ');
    },
    stock:
      'PermissionViolationError: Permissions Violation for Subscription to "_INBOX.…"; PermissionViolationError: Permissions Violation for Subscription to "_INBOX.…"',
  });

  parity('a reply inbox that the server allows again works again', {
    service,
    config: users('permissions: { subscribe: { deny: "_INBOX.>" } }'),
    options: { maxReconnectAttempts: -1 },
    observe: async ({ client, server }) => {
      const refused = await outcome(client.send('echo', 1));
      await server.reload(users());
      return eventually(async () => {
        const told = await outcome(client.send('echo', 1));
        return told.endsWith('|') && `${refused.slice(0, 24)}; ${told}`;
      }) as Promise<string>;
    },
    stock: 'PermissionViolationError; 1 |',
  });

  parity("with 'inboxPrefix', a client that may subscribe to nothing else gets its answers", {
    service,
    config: users('permissions: { subscribe: ["echo", "slow", "event", "_SHOP.orders.>"] }'),
    clientOptions: { inboxPrefix: '_SHOP.orders' },
    observe: ({ client }) => outcome(client.send('echo', 'private')),
    stock: '"private" |',
  });

  parity('the subscriptions of three requests that wait for their answers', {
    service,
    clientOptions: { name: 'the client' },
    observe: async ({ client, journal, server }) => {
      for (const n of [1, 2, 3]) client.send('slow', n).subscribe({ error: () => {} });
      await eventually(() => journal.entries.length === 3, { what: 'the requests' });
      const connection = (await server.connections()).find(({ name }) => name === 'the client');
      const inboxes = connection?.subscriptions_list ?? [];
      return `${inboxes.length} ${inboxes.every((inbox) => inbox.endsWith('.*')) ? 'with a wildcard' : 'inboxes'}`;
    },
    stock: '3 inboxes',
    difference: DIFFERENCES.sharedInbox,
  });
});
