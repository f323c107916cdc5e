import { expect, it } from 'vitest';

import type { ConnectionOptions } from '../options.js';
import { withDemandedTls } from './tls-demand.js';

it.each<[string, ConnectionOptions]>([
  ['the only server', { servers: 'tls://a' }],
  ['one of them', { servers: ['nats://a', 'b:1', 'tls://c:2'] }],
  ['one with white space around it', { servers: [' tls://a '] }],
])('TLS is demanded by the address of %s', (_, options) => {
  expect(withDemandedTls(options)).toEqual({ ...options, tls: {} });
});

it('leaves the certificates of the options as they are', () => {
  const options = { servers: 'tls://a', tls: { caFile: 'ca.pem' } };
  expect(withDemandedTls(options)).toBe(options);
});

it.each<[string, ConnectionOptions]>([
  ['other servers', { servers: ['nats://a', 'tls.example.com'] }],
  ['no servers', {}],
])('TLS is not demanded by %s', (_, options) => {
  expect(withDemandedTls(options)).toBe(options);
});
