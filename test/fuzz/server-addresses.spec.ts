import { createRequire } from 'node:module';

import fc from 'fast-check';
import { describe, expect } from 'vitest';

import { connectionSettings } from '../../libs/connection/connection-settings.js';
import { parseServerAddress } from '../../libs/connection/servers/server-address.js';
import { fuzz } from './harness/fuzz.js';
import { expectNamesOption } from './harness/names-option.js';
import { data } from './harness/odd-values.js';

const load = createRequire(import.meta.url);

/** How nats.js reads an address; 3.x does as the newest 2.x, and exports no such function. */
const READERS = ['nats-oldest/lib/nats-base-client/servers.js', 'nats/lib/nats-base-client/servers.js'].map(
  (module) => load(module) as { hostPort(text: string): { listen: string } },
);

const schemes = fc.constantFrom('', '', 'nats://', 'tls://', 'NATS://', 'http://', 'nats+tls://', '//');
const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom('', 'localhost', 'a_b', 'a..b', '::ffff:1.2.3.4', 'fe80::1%eth0', '[a]', '1.2.3.4.5'),
  fc.string({ maxLength: 5 }),
);
const ports = fc.oneof(
  fc.integer({ min: -1, max: 70_000 }).map((port) => `:${port}`),
  fc.constantFrom('', '', ':', ':x', ':80', ':443', ':04222', ':1e3', ':4222:4222'),
);
const tails = fc.constantFrom('', '', '', '/', '/a', '?a', '#a', ' ', '\n', ',b');
const addresses = fc.tuple(schemes, hosts, ports, tails).map((parts) => parts.join(''));

describe('addresses of servers', () => {
  fuzz('nats.js reads what it is told as we do', {
    cases: 3_000,
    of: addresses,
    check: (text) => {
      const found = parseServerAddress(text);
      if ('problem' in found) return;
      for (const reader of READERS) expect(reader.hostPort(found.hostPort).listen).toBe(found.hostPort);
      expect(parseServerAddress(found.hostPort)).toEqual({ ...found, demandsTls: false });
    },
  });

  fuzz('whatever stands there, it is read or the option is named', {
    cases: 1_000,
    of: fc.oneof(
      addresses,
      fc.array(addresses, { maxLength: 3 }),
      data.map((make) => make()),
    ),
    check: (servers) => {
      try {
        connectionSettings({ servers });
      } catch (error) {
        expectNamesOption(error, ['connection.servers']);
      }
    },
  });
});
