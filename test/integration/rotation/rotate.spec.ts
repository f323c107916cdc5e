import { setImmediate as endOfTurn } from 'node:timers/promises';

import {
  NatsAuthClient,
  type NatsAuthEvents,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  NatsAuthService,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { socketsAccepted } from '../../support/sockets-accepted.js';
import { serviceOf, startClient, startService } from '../nest/app.js';
import { optionsFor, startLoad, work, WorkController } from './work.js';

describe('rotate()', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  beforeEach(async () => {
    server = await startNatsServer({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    options = optionsFor(server);
  });
  afterEach(() => server.stop());

  it('under load loses no request, hears each event once and fails no send, in both roles', async () => {
    const service = (await startService(options, { controllers: [WorkController] })).get(NatsAuthService);
    const client = await startClient(options);
    const clientService = serviceOf(client);
    const load = startLoad(client);
    for (let rotation = 0; rotation < 10; rotation++) {
      await service.rotate();
      await clientService.rotate();
      const { answered } = load;
      await eventually(() => load.answered > answered + 50, { what: 'load between rotations' });
    }
    await load.stop();
    expect({ failed: load.failed, errors: load.errors }).toEqual({ failed: 0, errors: [] });
    await eventually(() => work.heard.length >= load.events, { what: 'the events' });
    expect(work.heard).toHaveLength(load.events);
    expect(new Set(work.heard).size).toBe(load.events);
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the old connections to close',
    });
  });

  it('asked for twenty times is carried out for the first, and once more for all others that come during it', async () => {
    const app = await startService(options, { controllers: [WorkController] });
    await app.get(NatsAuthClient).connect();
    const service = app.get(NatsAuthService);
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    const refreshed = new Promise<void>((resolve) => service.on('refreshed', () => resolve()));
    const first = service.rotate();
    await refreshed;
    // Those that ask before its provider call has ended share that, and so the rotation.
    await endOfTurn();
    await Promise.all([first, ...Array.from({ length: 19 }, () => service.rotate())]);
    for (const role of ['server', 'client']) {
      const outcomes = rotated.filter((event) => event.role === role).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['success', 'success']);
    }
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the old connections to close',
    });
    // Two connections at first, and two more for each rotation.
    expect(await socketsAccepted(server)).toBe(6);
  });

  it('gives unwrap() the connection that is current, and keeps it in mode reconnect', async () => {
    const modes = ['handover', 'reconnect'] as const;
    for (const mode of modes) {
      const app = await startService({ ...options, rotation: { mode } }, {});
      const strategy = app.get(NatsAuthServer);
      const before = strategy.unwrap();
      let whenReplaced: unknown;
      app.get(NatsAuthService).on('replaced', () => (whenReplaced = strategy.unwrap()));
      await app.get(NatsAuthService).rotate();
      expect(whenReplaced).toBe(strategy.unwrap());
      expect(strategy.unwrap() === before).toBe(mode === 'reconnect');
    }
  });

  it('falls back to reconnecting in place where the server allows no second connection', async () => {
    await server.stop();
    server = await startNatsServer({ config: 'max_connections: 1\n' });
    const app = await startService(
      { ...options, connection: { ...options.connection, servers: server.url } },
      { controllers: [WorkController] },
    );
    const service = app.get(NatsAuthService);
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    await eventually(() => service.rotate().then(() => true), { what: 'the rotation' });
    expect(rotated.at(-1)).toMatchObject({ mode: 'reconnect', outcome: 'success' });
  });
});
