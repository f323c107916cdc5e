import { inspect } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { startHostileServer } from '../support/hostile-server.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest } from './servers.js';

describe.each(DRIVERS)('$label, where something on the way garbles the protocol,', (tested) => {
  const start = async () => {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: proxy.url, timeout: 60_000 },
    });
    return { proxy, peer };
  };

  it('dials again at once, and does not wait for its pings', async () => {
    const { proxy, peer } = await start();
    const nc = await peer.open();
    proxy.inject('!no protocol\r\n');
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(peer.all('disconnected')[0]?.error).toMatchObject({ code: 'DISCONNECTED' });
  });

  it.each<[string, (info: string) => string]>([
    ['another protocol', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['INFO that is no JSON', (info) => info.replace('"version"', '"ver\0sion')],
    ['INFO that is no object', () => 'INFO null\r\n'],
    ['INFO with a version that is none', (info) => info.replace(/"version":"[^"]*"/, '"version":"new"')],
    ['garbage after INFO', (info) => `${info}!no protocol\r\n`],
  ])('fails a dial that is answered with %s at once, and says so', async (_, rewriteInfo) => {
    const { proxy, peer } = await start();
    proxy.treat({ rewriteInfo });
    await expect(peer.open()).rejects.toMatchObject({
      code: 'CONNECT_REFUSED',
      message: expect.stringContaining('does not speak the NATS protocol') as string,
      cause: expect.any(Error) as Error,
    });
  });

  it('quotes a server that repeats the password without it', async () => {
    const { proxy, peer } = await start();
    proxy.treat({ rewriteInfo: (info) => `${info}-ERR 'no secret is good enough'\r\n` });
    const error = await peer.open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ serverMessage: 'no [redacted] is good enough' });
    expect(inspect(error)).not.toContain('secret');
  });
});

describe.each(DRIVERS)('$label, whose server repeats what it was shown,', (tested) => {
  it.each([
    ['nothing', ''],
    ['a refusal, whose subject is quoted as it is,', `-ERR 'Permissions Violation for Publish to "x"'\r\n`],
  ])('keeps that out of the error and its causes, with %s before it', async (_, behind) => {
    const info = { version: '2.10.0', proto: 1, max_payload: 1_024 };
    const echo = await startHostileServer([
      { say: Buffer.from(`INFO ${JSON.stringify(info)}\r\n`) },
      { await: 'PING' },
      { echo: 'as it is', behind: `!no protocol\r\n${behind}` },
    ]);
    onTestFinished(() => echo.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'pa55-word' }),
      options: { servers: `127.0.0.1:${echo.port}`, timeout: 60_000 },
    });
    const error = (await peer.open().catch((thrown: unknown) => thrown)) as Error;
    expect(inspect(error.cause)).toContain('CONNECT');
    expect(inspect(error)).not.toContain('pa55-word');
  });
});

it.each(DRIVERS)('$label leaves no socket open to a server that says nothing', async (tested) => {
  const silent = await startHostileServer([]);
  onTestFinished(() => silent.stop());
  const peer = new Peer(tested, {
    provide: () => ({ user: 'svc', pass: 'secret' }),
    options: {
      servers: `127.0.0.1:${silent.port}`,
      timeout: 50,
      waitOnFirstConnect: true,
      reconnectTimeWait: 1,
    },
  });
  const opened = peer.open().catch((error: unknown) => error);
  await eventually(() => peer.all('connectFailed').length > 3, { what: 'some dials' });
  await peer.close();
  await opened;
  await eventually(() => silent.open === 0, { what: 'all sockets closed' });
});
