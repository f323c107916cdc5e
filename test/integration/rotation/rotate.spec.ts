import { setImmediate as endOfTurn } from 'node:timers/promises';

import { NatsAuthClient, type NatsAuthEvents, NatsAuthServer } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { socketsAccepted } from '../../support/sockets-accepted.js';
import { serviceOf } from '../nest/app.js';
import { endWithoutLoss, startLoad, startWorkplace } from './work.js';

describe('rotate()', () => {
  it('under load loses no request, hears each event once and fails no send, in both roles', async () => {
    const { startService, startClient, untilConnections } = await startWorkplace();
    const { service } = await startService();
    const client = await startClient();
    const clientService = serviceOf(client);
    const load = startLoad(client);
    for (let rotation = 0; rotation < 10; rotation++) {
      await service.rotate();
      await clientService.rotate();
      const { answered } = load;
      await eventually(() => load.answered > answered + 50, { what: 'load between rotations' });
    }
    await endWithoutLoss([load]);
    await untilConnections(2);
  });

  it('asked for twenty times is carried out for the first, and once more for all others that come during it', async () => {
    const { server, startService, untilConnections } = await startWorkplace();
    const { app, service } = await startService();
    await app.get(NatsAuthClient).connect();
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
    await untilConnections(2);
    // Two connections at first, and two more for each rotation.
    expect(await socketsAccepted(server)).toBe(6);
  });

  it.each([
    ['handover', 'another connection'],
    ['reconnect', 'the same connection'],
  ] as const)('in mode %s leaves unwrap() with %s, from the moment of the change on', async (mode, which) => {
    const { app, service } = await (await startWorkplace()).startService({ rotation: { mode } });
    const strategy = app.get(NatsAuthServer);
    const before = strategy.unwrap();
    let whenReplaced: unknown;
    service.on('replaced', () => (whenReplaced = strategy.unwrap()));
    await service.rotate();
    expect(whenReplaced).toBe(strategy.unwrap());
    expect(strategy.unwrap() === before).toBe(which === 'the same connection');
  });

  it('falls back to reconnecting in place where the server allows no second connection', async () => {
    const { server, startService } = await startWorkplace('max_connections: 1\n');
    const { service } = await startService();
    const before = await server.connections();
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    await eventually(() => service.rotate().then(() => true), { what: 'the rotation' });
    expect(rotated.at(-1)).toMatchObject({ mode: 'reconnect', outcome: 'success' });
    const after = await server.connections();
    expect(after).toHaveLength(1);
    expect(after[0]?.cid).not.toBe(before[0]?.cid);
  });
});
