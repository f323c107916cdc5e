import { describe, expect, it } from 'vitest';

import { connectionSettings } from '../connection-settings.js';
import type { ConnectionOptions } from '../options.js';
import { serverAddresses, withParsedServers } from './server-list.js';

const hostPorts = (servers: unknown) =>
  serverAddresses('connection.servers', servers).map((address) => address.hostPort);

describe('the servers of the options', () => {
  it.each([
    ['nats://a,nats://b', ['a:4222', 'b:4222']],
    ['a:1, b:2 ,c', ['a:1', 'b:2', 'c:4222']],
    [
      ['a,b', 'c'],
      ['a:4222', 'b:4222', 'c:4222'],
    ],
    [['a', 'nats://A:4222'], ['a:4222']],
  ])('%j are each of them', (servers, expected) => {
    expect(hostPorts(servers)).toEqual(expected);
  });

  it.each([
    [[], 'the list is empty'],
    ['a,', 'an address is empty (address 2 of 2)'],
    ['a,,b', 'an address is empty (address 2 of 3)'],
    [['a', 'http://b'], "'http' cannot be dialled (address 2 of 2)"],
    ['a:99999', "'a:99999' is not from 1 to 65535"],
    // eslint-disable-next-line no-sparse-arrays -- as a careless filter leaves it
    [[, 'a'], 'got undefined'],
    [['a', ['b']], 'got an array'],
    [[null], 'got null'],
    [4222, 'got 4222'],
    [new URL('nats://a:4222'), 'got an object'],
    ['a,nats://svc:pa55,word@b', 'holds credentials'],
  ])('%j are refused with the name of the option', (servers, problem) => {
    const refused = expect.objectContaining({
      code: 'OPTIONS_INVALID',
      option: 'connection.servers',
      message: expect.stringContaining(problem) as string,
    }) as Error;
    expect(() => connectionSettings({ servers })).toThrow(refused);
    expect(() => connectionSettings({ servers })).not.toThrow(/pa55|word/);
  });

  it('are refused beside a port', () => {
    expect(() => connectionSettings({ servers: 'a', port: 4333 })).toThrow(/'connection.port'/);
  });
});

describe('TLS', () => {
  it.each<[string, ConnectionOptions]>([
    ['the only server', { servers: 'tls://a' }],
    ['one of them', { servers: ['nats://a', 'b:1', 'tls://c:2'] }],
    ['one in a list', { servers: 'nats://a,TLS://b' }],
    ['one that is named twice', { servers: ['tls://a', 'a'] }],
    ['one with white space around it', { servers: [' tls://a '] }],
  ])('is demanded by the address of %s', (_, options) => {
    expect(withParsedServers(options)).toMatchObject({ tls: {} });
  });

  it('leaves the certificates of the options as they are', () => {
    const tls = { caFile: 'ca.pem' };
    expect(withParsedServers({ servers: 'tls://a', tls }).tls).toBe(tls);
  });

  it.each<[string, ConnectionOptions]>([
    ['other servers', { servers: ['nats://a', 'tls.example.com'] }],
    ['no servers', {}],
  ])('is not demanded by %s', (_, options) => {
    expect(withParsedServers(options)).not.toHaveProperty('tls');
  });

  it('cannot be declined beside an address that demands it', () => {
    expect(() => withParsedServers({ servers: 'a,tls://b', tls: null })).toThrow(/'connection.tls'/);
  });
});
