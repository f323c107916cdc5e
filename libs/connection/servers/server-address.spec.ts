import { describe, expect, it } from 'vitest';

import { parseServerAddress } from './server-address.js';

describe('an address of a server', () => {
  it.each([
    ['nats', 'nats:4222'],
    ['nats:4333', 'nats:4333'],
    ['nats://nats:4333', 'nats:4333'],
    ['NATS://Nats.Example:4333', 'nats.example:4333'],
    ['nats://nats:4333/', 'nats:4333'],
    [' nats:4333\n', 'nats:4333'],
    ['nats:80', 'nats:80'],
    ['nats:443', 'nats:443'],
    ['nats:04222', 'nats:4222'],
    ['nats.svc.cluster.local.:4222', 'nats.svc.cluster.local.:4222'],
    ['orders_nats', 'orders_nats:4222'],
    ['münchen.example', 'xn--mnchen-3ya.example:4222'],
    ['127.1:4333', '127.0.0.1:4333'],
    ['::1', '[::1]:4222'],
    ['[::1]', '[::1]:4222'],
    ['nats://[::1]:4333', '[::1]:4333'],
    ['2001:DB8:0:0:0:0:0:1', '[2001:db8::1]:4222'],
    ['[::ffff:127.0.0.1]:4333', '127.0.0.1:4333'],
    ['fe80::abcd', '[fe80::abcd]:4222'],
    ['::ffff:127.0.0.1', '127.0.0.1:4222'],
  ])('%j is %s', (text, hostPort) => {
    expect(parseServerAddress(text)).toEqual({ hostPort, demandsTls: false });
    const named = parseServerAddress(hostPort);
    expect(named).toEqual({ hostPort, demandsTls: false });
  });

  it.each(['tls://nats', 'TLS://nats:4222', ' tls://nats/ '])('%j demands TLS', (text) => {
    expect(parseServerAddress(text)).toEqual({ hostPort: 'nats:4222', demandsTls: true });
  });

  it.each([
    ['', 'is empty'],
    [' \t', 'is empty'],
    ['nats://', 'has no host'],
    [':4222', 'has no host'],
    ['nats://:4222', 'has no host'],
    ['nats+tls://nats', "scheme 'nats+tls'"],
    ['http://nats', "scheme 'http'"],
    ['ws://nats', "scheme 'ws'"],
    ['wss://nats', "scheme 'wss'"],
    ['nats://nats://a', 'a path'],
    ['nats:/a', 'a path'],
    ['//a', 'a path'],
    ['unix:/tmp/nats.sock', 'a path'],
    ['nats://a/b', 'a path'],
    ['nats://a?tls=true', 'a query'],
    ['a#b', 'a path or a query'],
    ['a\\b', 'a path'],
    ['a:0', "'a:0' is not from 1 to 65535"],
    ['a:65536', "'a:65536' is not from 1 to 65535"],
    ['a:99999', "'a:99999' is not from 1 to 65535"],
    ['a:', "port of 'a' is empty"],
    ['nats://a:/', "port of 'a' is empty"],
    ['[::1]:', "port of '[::1]' is empty"],
    ['a:-1', "port of 'a' is no number"],
    ['a:1e3', "port of 'a' is no number"],
    ['a:4222x', "port of 'a' is no number"],
    ['4222', 'a mere number'],
    ['a b', 'white space'],
    ['a;b', 'is no name of a host'],
    ['a..b', "'a..b' is no name"],
    ['.a', "'.a' is no name"],
    ['*.a', "'*.a' is no name"],
    ['256.1.1.1', "'256.1.1.1' is no name"],
    ['a%2e', 'is no name of a host'],
    ['a'.repeat(64), 'is no name of a host'],
    [`${'a'.repeat(60)}.`.repeat(5), 'is no name of a host'],
    ['[a]:4222', "'a' is no name"],
    ['[::1', 'several colons'],
    ['::1]:4222', 'several colons'],
    ['[::1]4222', 'several colons'],
    ['::1:4222', 'several colons'],
    ['a:1:2', 'several colons'],
    ['a:4222:4222', 'several colons'],
    ['1:2:3:4:5:6:7:8:9', 'several colons'],
    ['fe80::1%eth0', 'with a zone'],
    ['[fe80::1%25eth0]:4222', 'with a zone'],
    ['nats://svc:secret@a', 'holds credentials'],
    [' @a', 'holds credentials'],
  ])('%j is none', (text, problem) => {
    expect(parseServerAddress(text)).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it.each([
    'nats://svc:pa55word',
    'a?token=pa55word',
    'pa55word%40',
    'nats://a/pa55word',
    'pa55word;@a',
    'a:pa55word:1',
  ])('nothing is quoted of %j that may be a secret', (text) => {
    expect(JSON.stringify(parseServerAddress(text))).not.toContain('pa55word');
  });
});
