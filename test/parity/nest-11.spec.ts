import { createRequire } from 'node:module';

import type { Type } from '@nestjs/common';
import * as common from '@nestjs/common';
import * as microservices from '@nestjs/microservices';
import type { ClientNats } from '@nestjs/microservices';
import * as nats from '@nats-io/transport-node';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import * as rxjs from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type Closable,
  CREDENTIALS,
  createClient,
  createService,
  type Kind,
  users,
} from './harness/transports.js';
import { type Caller, Nest11Peer } from './harness/nest-11-peer.js';
import './harness/row.js';

/** The application that both majors run. */
const application = createRequire(import.meta.url)('./nest-11/application.cjs') as {
  createController(packages: object): Type;
  createCaller(packages: object, client: ClientNats): Caller;
};
const packages = { common, microservices, nats, rxjs };

const PAIRS = [
  { head: '11→stock 12', from: 11, kind: 'stock' },
  { head: '11→ours 12', from: 11, kind: 'ours' },
  { head: 'stock 12→11', from: 12, kind: 'stock' },
  { head: 'ours 12→11', from: 12, kind: 'ours' },
] as const satisfies { head: string; from: 11 | 12; kind: Kind }[];

describe('NestJS 11 with NestJS 12', () => {
  const apps: Closable[] = [];
  const servers: NatsServer[] = [];
  let peer: Nest11Peer;
  let callers: Caller[];

  beforeAll(async () => {
    peer = await Nest11Peer.start();
    callers = await Promise.all(PAIRS.map(({ from, kind }) => (from === 11 ? from11(kind) : from12(kind))));
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await peer.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function startServer(): Promise<string> {
    const server = await startNatsServer({ config: users() });
    servers.push(server);
    return server.url;
  }

  /** A NestJS 11 client and a NestJS 12 service. */
  async function from11(kind: Kind): Promise<Caller> {
    const url = await startServer();
    const app = await createService(
      kind,
      { servers: url },
      { controllers: [application.createController(packages)] },
    );
    apps.push(app);
    await app.listen();
    await app.unwrap<nats.NatsConnection>().flush();
    return peer.startClient({ servers: url, ...CREDENTIALS });
  }

  /** A NestJS 12 client and a NestJS 11 service. */
  async function from12(kind: Kind): Promise<Caller> {
    const url = await startServer();
    await peer.startService({ servers: url, ...CREDENTIALS });
    const { app, client } = await createClient(kind, { servers: url });
    apps.push(app);
    return application.createCaller(packages, client);
  }

  function parity(feature: string, call: (caller: Caller) => Promise<string>, expected: string): void {
    it(feature, async ({ task }) => {
      const outcomes = await Promise.all(callers.map((caller) => call(caller).catch(String)));
      const cells = Object.fromEntries(PAIRS.map(({ head }, n) => [head, outcomes[n] ?? '']));
      task.meta.parity = { cells, verdict: 'same' };
      expect(new Set(outcomes)).toEqual(new Set([expected]));
    });
  }

  parity('an object pattern', (to) => to.send({ cmd: 'sum' }, [1, 2]), '3 |');
  parity('a wildcard', (to) => to.send('things.7.get', {}), '"things.7.get" |');
  parity(
    'headers of a NatsRecord',
    (to) => to.send('headers', 'x', 'acme'),
    '{"data":"x","tenant":"acme"} |',
  );
  parity('an Observable of several values', (to) => to.send('stream', {}), '1 2 3 |');
  parity('an empty Observable', (to) => to.send('empty', {}), '|');
  parity('an RpcException', (to) => to.send('refuse', {}), 'error {"code":404}');
  parity(
    'an Error that a handler throws',
    (to) => to.send('fail', {}),
    'error {"status":"error","message":"Internal server error"}',
  );
  parity(
    'a request that nobody listens to',
    (to) => to.send('unheard', {}),
    'EmptyResponseException: Empty response. There are no subscribers listening to that message ("unheard")',
  );
  parity(
    'an event with headers',
    async (to) => {
      const emitted = await to.emit('event', 'moved', 'acme');
      return eventually(async () => {
        const heard = await to.send('heard', {});
        return heard !== '[] |' && `${emitted}; ${heard}`;
      }) as Promise<string>;
    },
    'undefined |; ["moved for acme"] |',
  );
});
