import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome, settled } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { service } from './harness/service.js';

describe('closing', () => {
  parity('gracefulShutdown lets the handler that runs answer, and takes nothing new', {
    service,
    serviceOptions: { gracefulShutdown: true, gracePeriod: 3_000 },
    observe: async ({ client, service: app, journal }) => {
      const answer = outcome(client.send('slow', 'answered'), 10_000);
      await eventually(() => journal.entries.length > 0, { what: 'the handler' });
      const closed = app.close();
      const refused = await eventually(async () => {
        const told = await outcome(client.send('echo', 'new'), 100);
        return told.startsWith('EmptyResponseException') && 'EmptyResponseException';
      });
      journal.release();
      await closed;
      return `${await answer}; ${refused}`;
    },
    stock: '"answered" |; EmptyResponseException',
  });

  parity('gracefulShutdown of a service with nothing to do', {
    service,
    serviceOptions: { gracefulShutdown: true, gracePeriod: 2_000 },
    observe: async ({ service: app }) => {
      // It begins before the grace period does, and so ends before it.
      const gracePeriod = delay(2_000, 'after the grace period');
      const closed = app.close();
      const first = await Promise.race([closed.then(() => 'at once'), gracePeriod]);
      await closed;
      return first;
    },
    stock: 'after the grace period',
    difference: DIFFERENCES.gracePeriod,
  });

  parity('gracefulShutdown cuts off a handler that outlasts the grace period', {
    service,
    serviceOptions: { gracefulShutdown: true, gracePeriod: 50 },
    observe: async ({ client, service: app, journal }) => {
      const answer = outcome(client.send('slow', 'answered'), 300);
      await eventually(() => journal.entries.length > 0, { what: 'the handler' });
      await app.close();
      journal.release();
      return answer;
    },
    stock: 'TimeoutError',
  });

  parity('without gracefulShutdown a service closes at once', {
    service,
    observe: async ({ client, service: app, journal }) => {
      // Its time runs from the call on: a connect within it might leave none.
      await client.connect();
      const answer = outcome(client.send('slow', 'answered'), 100);
      await eventually(() => journal.entries.length > 0, { what: 'the handler' });
      await app.close();
      journal.release();
      return answer;
    },
    stock: 'TimeoutError',
  });

  parity('close() of the client fails the requests that wait', {
    service,
    observe: async ({ client, journal }) => {
      const answer = outcome(client.send('slow', 1));
      await eventually(() => journal.entries.length > 0, { what: 'the handler' });
      await client.close();
      return answer;
    },
    stock: 'Error: Connection closed',
    difference: DIFFERENCES.closedError,
  });

  parity('a call after close() connects again', {
    service,
    observe: async ({ client }) => {
      const first = await outcome(client.send('echo', 1));
      await client.close();
      const unwrapped = await settled(Promise.resolve().then(() => client.unwrap()));
      return `${first}; ${unwrapped}; ${await outcome(client.send('echo', 2))}`;
    },
    stock: '1 |; Error: Not initialized. Please call the "connect" method first.; 2 |',
  });
});
