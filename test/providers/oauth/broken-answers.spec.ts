import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { withRetry, withTimeout } from 'nestjs-nats-auth/providers';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { startService } from '../../integration/nest/app.js';
import { serverForTest } from '../../support/server-for-test.js';
import { providerAt, tokenServer } from './token-server.js';
import { userInfoRequest } from './user-info-request.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const TOKEN = { access_token: 'opaque', token_type: 'bearer' };
const EXP = 2_000_000_000;
const JWT = `e30.${Buffer.from(JSON.stringify({ exp: EXP })).toString('base64url')}.c2ln`;

/** With fields that no `JSON.stringify()` writes. */
const tokenWith = (token: string, fields: string) =>
  `{"access_token":"${token}","token_type":"bearer",${fields}}`;

function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, JSON_TYPE).end(typeof body === 'string' ? body : JSON.stringify(body));
}

describe('a lifetime that is none', () => {
  const lifetimes = [
    '9223372036854775807',
    '1e999',
    '1e308',
    'null',
    '-1',
    '0',
    '"-1"',
    '"soon"',
    'true',
    '{}',
  ];

  it.each(lifetimes)(
    '(%s) fails no call: the token says when it expires, or it is not known',
    async (text) => {
      let token = 'opaque';
      const server = await tokenServer((_, response) =>
        send(response, tokenWith(token, `"expires_in":${text}`)),
      );
      const provider = providerAt(server);
      expect(await provider.getUserInfo(userInfoRequest())).toEqual({ token, expiresAt: undefined });
      token = JWT;
      expect(await provider.getUserInfo(userInfoRequest())).toEqual({ token, expiresAt: EXP * 1_000 });
    },
  );

  it('is not one that is written as a text', async () => {
    const server = await tokenServer((_, response) => send(response, { ...TOKEN, expires_in: '3600' }));
    const before = Date.now();
    const { expiresAt } = await providerAt(server).getUserInfo(userInfoRequest());
    expect(Number(expiresAt)).toBeGreaterThanOrEqual(before + 3_600_000);
  });

  it.each(['refresh_token', 'scope', 'id_token'])('nor does a %s that is none fail a call', async (field) => {
    const server = await tokenServer((_, response) => send(response, { ...TOKEN, [field]: null }));
    expect(await providerAt(server).getUserInfo(userInfoRequest())).toMatchObject({ token: 'opaque' });
  });

  it('lets a service start', async () => {
    const nats = await serverForTest({ config: 'authorization { token: opaque }' });
    const server = await tokenServer((_, response) =>
      send(response, tokenWith('opaque', '"expires_in":9223372036854775807')),
    );
    await startService({ connection: { servers: nats.url }, userInfoProvider: providerAt(server) }, {});
  });
});

describe('a gateway before the authorization server', () => {
  it.each<[string, number, string]>([
    ['a redirect', 302, ''],
    ['a page that forbids', 403, '<html>Forbidden</html>'],
    ['a page that finds nothing', 404, '<html>No route</html>'],
    ['a page that wants a login', 401, '<html>Sign in</html>'],
    ['a page that calls the request bad', 400, '<html>400</html>'],
    ['an error of its own', 403, '{"status":403,"error":"Forbidden"}'],
    ['a page in the place of a token', 200, '<html>Sign in</html>'],
  ])('that answers with %s is asked again', async (_, status, body) => {
    let asked = 0;
    const server = await tokenServer((_request, response) => {
      if (++asked > 2) return send(response, TOKEN);
      response.writeHead(status, { 'content-type': 'text/html', location: 'https://sso.invalid/' }).end(body);
    });
    const retried = withRetry(providerAt(server), { initialDelay: 1, maxAttempts: 3 });
    expect(await retried.getUserInfo(userInfoRequest())).toMatchObject({ token: 'opaque' });
  });

  it('keeps no service from starting', async () => {
    const nats = await serverForTest({ config: 'authorization { token: opaque }' });
    let asked = 0;
    const server = await tokenServer((_, response) => {
      if (++asked > 1) return send(response, TOKEN);
      response.writeHead(302, { location: 'https://sso.invalid/' }).end();
    });
    await startService({ connection: { servers: nats.url }, userInfoProvider: providerAt(server) }, {});
    expect(asked).toBe(2);
  });

  it.each([
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['unauthorized_client', 400],
    ['invalid_scope', 400],
    ['invalid_target', 400],
    ['access_denied', 403],
  ])('is not what answers with the OAuth error %s: that is not asked again', async (error, status) => {
    let asked = 0;
    const server = await tokenServer((_, response) => {
      asked++;
      send(response, { error }, status);
    });
    const retried = withRetry(providerAt(server), { initialDelay: 1, maxAttempts: 3 });
    await expect(retried.getUserInfo(userInfoRequest())).rejects.toMatchObject({ retryable: false, status });
    expect(asked).toBe(1);
  });

  it.each([false, true])('is not followed with a secret (HTTPS: %s)', async (secure) => {
    const asked: unknown[] = [];
    const server = await tokenServer((request, response) => {
      asked.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    }, secure);
    await expect(providerAt(server).getUserInfo(userInfoRequest())).rejects.toMatchObject({
      status: 307,
      message: expect.stringContaining('a redirect, and none is followed') as unknown,
    });
    const discovering = providerAt(server, { tokenEndpoint: undefined });
    await expect(discovering.getUserInfo(userInfoRequest())).rejects.toMatchObject({ status: 307 });
    expect(asked).toEqual(['/token', '/.well-known/openid-configuration']);
  });
});

describe.each([
  ['HTTP', false],
  ['HTTPS and a certificate of the options', true],
])('an answer over %s', (_, secure) => {
  const CHUNK = Buffer.alloc(65_536, 'x');

  it.each([200, 403])('without an end (%i) is left after a megabyte', async (status) => {
    let sent = 0;
    const server = await tokenServer((_request, response) => {
      response.writeHead(status, JSON_TYPE);
      const more = () => {
        while (!response.destroyed && response.write(CHUNK)) sent += CHUNK.length;
        response.once('drain', more);
      };
      more();
    }, secure);
    await expect(providerAt(server).getUserInfo(userInfoRequest())).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('it is longer than 1048576 bytes') as unknown,
    });
    await eventually(() => expect(server.sockets.size).toBe(0));
    // What is under way in the buffers of both ends counts as sent.
    expect(sent).toBeLessThan(16 * 1_048_576);
  });

  it('that comes byte by byte is left when its time is over', async () => {
    const server = await tokenServer((_request, response) => {
      response.writeHead(200, JSON_TYPE);
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    }, secure);
    const slow = withTimeout(providerAt(server), 300);
    await expect(slow.getUserInfo(userInfoRequest())).rejects.toMatchObject({ code: 'USER_INFO_TIMEOUT' });
    await eventually(() => expect(server.sockets.size).toBe(0));
  });
});

it('an answer that is small only while it is compressed is left after a megabyte', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1_048_576, ' '));
  const server = await tokenServer((_, response) =>
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb),
  );
  await expect(providerAt(server).getUserInfo(userInfoRequest())).rejects.toThrow(
    /it is longer than 1048576 bytes/,
  );
});
