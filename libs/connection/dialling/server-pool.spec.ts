import { describe, expect, it } from 'vitest';

import type { ConnectionOptions } from '../options.js';
import { markGossiped, sameAddressFirst, otherAddressesFirst, settlePool } from './server-pool.js';

/** A pool as nats.js keeps it. */
function poolOf(servers: string[], gossiped: string[] = []) {
  let entries = [
    ...servers.map((address) => ({ gossiped: false, toString: () => address })),
    ...gossiped.map((address) => ({ gossiped: true, toString: () => address })),
  ];
  return {
    getServers: () => entries,
    addServer: (address: string) => void entries.push({ gossiped: false, toString: () => address }),
    removeServer: (server: object) => void (entries = entries.filter((entry) => entry !== server)),
  };
}

function known(options: ConnectionOptions, server: string, gossiped: string[] = [], address = server) {
  // These random numbers reverse the order.
  let chance = 1;
  return { options, inUse: { server, address }, pool: poolOf([], gossiped), random: () => (chance /= 2) };
}

describe('a connection that takes over dials', () => {
  it('the server in use first, and the others in random order', () => {
    const order = sameAddressFirst(known({ servers: ['a:1', 'b:2', 'c:4222'] }, 'b:2'));
    expect(order?.servers).toEqual(['b:2', 'c:4222', 'a:1']);
  });

  it('the others in the order of the options when that counts', () => {
    const order = sameAddressFirst(known({ servers: ['a:1', 'b:2', 'c:3'], noRandomize: true }, 'c:3'));
    expect(order?.servers).toEqual(['c:3', 'a:1', 'b:2']);
  });

  it('the name of the server in use, whose address may be another one by now', () => {
    const options = { servers: ['a:1', 'nats:4222'] };
    const order = sameAddressFirst(known(options, 'nats:4222', [], '10.0.0.7:4222'));
    expect(order?.servers).toEqual(['nats:4222', 'a:1']);
    expect(order?.inUse).toEqual({ server: 'nats:4222', address: '10.0.0.7:4222', place: 'first' });
  });

  it('the name of the server in use where certificates are made for names', () => {
    const options = { servers: ['a:1', 'nats:4222'], tls: {} };
    const order = sameAddressFirst(known(options, 'nats:4222', ['10.0.0.8:4222'], '10.0.0.7:4222'));
    expect(order?.servers).toEqual(['nats:4222', 'a:1']);
  });

  it('no address that only the cluster told of where certificates are made for names', () => {
    const options = { servers: 'nats:4222', tls: {} };
    expect(sameAddressFirst(known(options, '10.0.0.7:4222', ['10.0.0.7:4222']))).toBeUndefined();
  });

  it('the address of a server in lame-duck mode behind the others of the options, and before what the cluster told of', () => {
    const order = otherAddressesFirst(known({ servers: ['a:1', 'b:2'], noRandomize: true }, 'a:1', ['d:4']));
    expect(order.servers).toEqual(['b:2', 'a:1', 'd:4']);
  });

  it('one that the cluster told of last, when its server is in lame-duck mode', () => {
    const order = otherAddressesFirst(known({ servers: ['a:1'] }, 'c:3', ['c:3', 'd:4']));
    expect(order.servers).toEqual(['a:1', 'd:4', 'c:3']);
    expect(order.inUse).toMatchObject({ place: 'last' });
  });

  it('every address of the options before any that the cluster told of', () => {
    const options = { servers: ['a:1', 'b:2'] };
    const gossiped = ['d:4', 'e:5', 'f:6'];
    expect(sameAddressFirst(known(options, 'e:5', gossiped))?.servers).toEqual([
      'e:5',
      'b:2',
      'a:1',
      'f:6',
      'd:4',
    ]);
    expect(otherAddressesFirst(known(options, 'a:1', gossiped)).servers).toEqual([
      'b:2',
      'a:1',
      'f:6',
      'e:5',
      'd:4',
    ]);
  });

  it('no address that ends as another does in its place', () => {
    const order = otherAddressesFirst(known({ servers: ['10.0.0.1:1', '110.0.0.1:1'] }, '10.0.0.1:1'));
    expect(order.servers).toEqual(['110.0.0.1:1', '10.0.0.1:1']);
  });
});

describe('the pool of a connection that was established', () => {
  const addresses = (pool: ReturnType<typeof poolOf>) => pool.getServers().map(String);

  it('has every server of the options again, and no address that only its predecessor used', () => {
    const pool = poolOf(['10.0.0.7:4222', 'b:2']);
    settlePool(pool, { servers: ['nats:4222', 'b:2'] });
    expect(addresses(pool)).toEqual(['b:2', 'nats:4222']);
  });

  it('keeps what the cluster told of as such', () => {
    const pool = poolOf(['b:2', 'd:4']);
    markGossiped(pool, { servers: ['d:4', 'b:2'], gossiped: new Set(['d:4']) });
    settlePool(pool, { servers: ['b:2'] });
    expect(pool.getServers().map((server) => [server.toString(), server.gossiped])).toEqual([
      ['b:2', false],
      ['d:4', true],
    ]);
  });

  it('has the default server when the options name none', () => {
    const pool = poolOf(['127.0.0.1:4222']);
    settlePool(pool, {});
    expect(addresses(pool)).toEqual(['127.0.0.1:4222']);
  });
});
