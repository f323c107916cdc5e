import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { OAuthFetch } from 'nestjs-nats-auth/providers';
import { describe, expect, it } from 'vitest';

import { TestFolder } from '../../../libs/providers/files/files.fixture.js';
import { forwardProxy } from '../../support/forward-proxy.js';
import { providerAt, tokenServer } from './token-server.js';
import { userInfoRequest } from './user-info-request.js';

const script = fileURLToPath(new URL('ask-for-a-token.mjs', import.meta.url));

const server = (secure: boolean) =>
  tokenServer((_, response) => {
    const token = { access_token: 'opaque', token_type: 'bearer' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  }, secure);

it('the requests go through a proxy by a fetch that the application gives', async () => {
  const [proxy, { url }] = await Promise.all([forwardProxy(), server(false)]);
  const viaProxy: OAuthFetch = (target, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(proxy.url, { path: target, method, headers, signal }, (incoming) => {
        const get = (name: string) => incoming.headers[name]?.toString() ?? null;
        resolve({ status: incoming.statusCode ?? 502, headers: { get }, body: incoming });
      });
      outgoing.on('error', reject).end(body);
    });
  const provider = providerAt({ url }, { fetch: viaProxy });
  expect(await provider.getUserInfo(userInfoRequest())).toMatchObject({ token: 'opaque' });
  expect(proxy.targets).toEqual([new URL(url).host]);
});

it('a fetch of the application is refused beside an authority of the options, which it would not use', async () => {
  const { ca } = await server(true);
  expect(() => providerAt({ url: 'https://id.invalid', ca }, { fetch })).toThrow(
    /^Option 'ClientCredentialsProvider.fetch': expected none beside 'ca' or 'tls_client_auth'/,
  );
});

// Node.js has this from 22.21 and 24.5 on.
const hasProxies = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

describe.skipIf(!hasProxies)('under NODE_USE_ENV_PROXY', () => {
  it.each([
    ['HTTP', false],
    ['HTTPS and an authority of the options', true],
  ])("the requests over %s go through the environment's proxy", async (_, secure) => {
    const [proxy, { url, ca }] = await Promise.all([forwardProxy(), server(secure)]);
    const args = ca ? [url, await (await TestFolder.make()).write('ca.pem', ca)] : [url];
    const ask = async (more: object) => {
      const proxies = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
      const env = { NODE_USE_ENV_PROXY: '1', ...proxies, ...more };
      return (await promisify(execFile)(process.execPath, [script, ...args], { env })).stdout;
    };
    expect(await ask({})).toBe('opaque\n');
    expect(proxy.targets).toEqual([new URL(url).host]);
    expect(await ask({ NO_PROXY: '127.0.0.1' })).toBe('opaque\n');
    expect(proxy.targets).toHaveLength(1);
  });
});
