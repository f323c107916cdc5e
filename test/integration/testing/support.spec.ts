import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import {
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually, type NatsServer } from '../../../libs/testing/index.js';
import { authCalloutConfig, type AuthCalloutOptions, startAuthCallout } from '../../support/auth-callout.js';
import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import { createOperatorMode, type MintedUser } from '../../support/operator-mode.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { createTlsFiles } from '../../support/tls.js';
import { clientForTest } from './client-for-test.js';

const bytes = (text: string) => new TextEncoder().encode(text);

const asUser = (user: MintedUser): ConnectionOptions => ({
  authenticator: credsAuthenticator(bytes(user.creds)),
});

/** Waits until the server lists a connection that it ended for this reason: it does so after it has told the client. */
async function untilClosedFor(server: NatsServer, reason: string): Promise<void> {
  const isListed = async () => {
    const response = await fetch(`${server.monitorUrl}/connz?state=closed`);
    const { connections } = (await response.json()) as { connections: { reason?: string }[] };
    return connections.some((connection) => connection.reason === reason);
  };
  await eventually(isListed, { what: `a connection that ended for '${reason}'` });
}

describe('operator mode', () => {
  it('lets a minted user in, and no user of another operator', async () => {
    const [operator, stranger] = await Promise.all([createOperatorMode(), createOperatorMode()]);
    const server = await serverForTest({ config: await operator.config() });
    const user = await operator.mintUser({ name: 'orders' });
    await clientForTest(server, asUser(user));

    const [connection] = await server.connections();
    expect(connection?.authorized_user).toBe(user.publicKey);
    await expect(connect({ servers: server.url, ...asUser(await stranger.mintUser()) })).rejects.toThrow(
      /Authorization Violation/,
    );
  });

  it('ends the connection of a user whose JWT expires', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const user = await operator.mintUser({ expiresInMs: 1_000 });
    const connection = await clientForTest(server, { ...asUser(user), reconnect: false });

    expect(String(await connection.closed())).toMatch(/User Authentication Expired/i);
    expect(Date.now()).toBeGreaterThanOrEqual((user.expiresAt ?? Infinity) - 50);
    await untilClosedFor(server, 'Authentication Expired');
  });

  it('holds a user to its permissions', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const user = await operator.mintUser({ permissions: { sub: { allow: ['allowed'] } } });
    const connection = await clientForTest(server, asUser(user));
    const refused = await new Promise<Error | null>((resolve) => {
      connection.subscribe('forbidden', { callback: (error) => resolve(error) });
    });
    expect(String(refused)).toMatch(/permissions violation/i);
  });

  it('tells a live user “User Authentication Revoked” and keeps it out, but not another', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const [user, other] = await Promise.all([operator.mintUser(), operator.mintUser()]);
    const connection = await clientForTest(server, { ...asUser(user), reconnect: false });
    const bystander = await clientForTest(server, { ...asUser(other), reconnect: false });

    operator.revoke(user.publicKey);
    await operator.pushClaims(server);

    expect(String(await connection.closed())).toMatch(/User Authentication Revoked/i);
    await untilClosedFor(server, 'Credentials Revoked');
    await expect(connect({ servers: server.url, ...asUser(user) })).rejects.toThrow(
      /Authorization Violation/,
    );
    await bystander.flush();
  });

  it('tells a live user that it is revoked after a reload, too', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const user = await operator.mintUser();
    const connection = await clientForTest(server, { ...asUser(user), reconnect: false });

    operator.revoke(user.publicKey);
    await server.reload(await operator.config());

    expect(String(await connection.closed())).toMatch(/User Authentication Revoked/i);
    await expect(connect({ servers: server.url, ...asUser(user) })).rejects.toThrow(
      /Authorization Violation/,
    );
  });
});

describe('auth callout', () => {
  const allowAs = (name: string, expiresAt?: number) => ({ allow: { account: 'APP', name, expiresAt } });

  async function calloutForTest(decide: AuthCalloutOptions['decide'], config = authCalloutConfig()) {
    const server = await serverForTest({ config });
    const callout = await startAuthCallout(server, { decide });
    onTestFinished(() => callout.stop());
    return { server, callout };
  }

  it('puts the client whom it allows into the account, under the name it gives', async () => {
    const { server, callout } = await calloutForTest(() => allowAs('alice'));
    const app = await clientForTest(server, { token: 'a-token', name: 'orders' });

    expect(callout.requests.map((request) => request.connect_opts.auth_token)).toEqual(['a-token']);
    const info = await app.request('$SYS.REQ.USER.INFO');
    expect(info.json()).toMatchObject({ data: { account: 'APP' } });
  });

  it('keeps out the client whom it denies, and only that one', async () => {
    const { server } = await calloutForTest((request) =>
      request.connect_opts.auth_token === 'good' ? allowAs('alice') : { deny: 'unknown token' },
    );
    await clientForTest(server, { token: 'good' });
    await expect(connect({ servers: server.url, token: 'bad' })).rejects.toThrow(/Authorization Violation/);
  });

  it('ends the connection when the JWT that it minted expires', async () => {
    const { server } = await calloutForTest(() => allowAs('alice', Date.now() + 1_000));
    const app = await clientForTest(server, { token: 'a-token', reconnect: false });
    expect(String(await app.closed())).toMatch(/User Authentication Expired/i);
  });

  it('looks like bad credentials while it is down', async () => {
    const { server, callout } = await calloutForTest(() => allowAs('alice'));
    await callout.stop();
    await expect(connect({ servers: server.url, token: 'a-token' })).rejects.toThrow(
      /Authorization Violation/,
    );
    expect(callout.requests).toEqual([]);
  });

  it('lets a sentinel’s client in, in operator mode, and refuses the token alone', async () => {
    const operator = await createOperatorMode();
    const [responder, sentinel] = await Promise.all([operator.mintUser(), operator.mintSentinel()]);
    operator.useAuthCallout({ authUsers: [responder.publicKey] });
    const server = await serverForTest({ config: await operator.config() });
    const callout = await startAuthCallout(server, {
      credentials: asUser(responder),
      issuerSeed: operator.accountSeed,
      decide: () => ({ allow: { account: operator.account, name: 'alice' } }),
    });
    onTestFinished(() => callout.stop());
    const app = await clientForTest(server, {
      authenticator: jwtAuthenticator(sentinel.jwt),
      token: 'a-token',
    });
    await app.flush();

    // The sentinel itself may subscribe nothing: that this works is the callout's doing.
    const echo = app.subscribe('echo', { max: 1 });
    app.publish('echo');
    for await (const message of echo) expect(message.subject).toBe('echo');
    expect(callout.requests[0]?.connect_opts.jwt).toBe(sentinel.jwt);
    await expect(connect({ servers: server.url, token: 'a-token' })).rejects.toThrow(
      /Authorization Violation/,
    );
  });
});

describe('NKeys and TLS', () => {
  it('lets a user in by its NKey and no other', async () => {
    const [known, unknown] = [createNkeyUser(), createNkeyUser()];
    const server = await serverForTest({ config: nkeyConfig([known]) });
    await clientForTest(server, { authenticator: nkeyAuthenticator(bytes(known.seed)) });
    await expect(
      connect({ servers: server.url, authenticator: nkeyAuthenticator(bytes(unknown.seed)) }),
    ).rejects.toThrow(/Authorization Violation/);
  });

  it('serves TLS under both names to a client that trusts the authority, and to no other', async () => {
    const tls = await createTlsFiles();
    onTestFinished(() => tls.remove());
    const server = await serverForTest({ config: tls.config() });
    for (const host of ['127.0.0.1', 'localhost']) {
      await clientForTest({ url: `tls://${host}:${server.port}` }, { tls: { ca: tls.ca } });
    }
    await expect(connect({ servers: server.url, tls: {} })).rejects.toThrow();
    // nats.js does not compare an address with the certificate, other clients do.
    const certificate = new X509Certificate(await readFile(tls.certFile));
    expect([certificate.checkIP('127.0.0.1'), certificate.checkHost('localhost')]).toEqual([
      '127.0.0.1',
      'localhost',
    ]);
  });
});

describe('the fault proxy', () => {
  async function proxyForTest(server: NatsServer): Promise<FaultProxy> {
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    return proxy;
  }

  it('cuts connections, and lets the client back in', async () => {
    const proxy = await proxyForTest(await serverForTest());
    const app = await clientForTest(proxy, { maxReconnectAttempts: -1 });
    proxy.breakOpen('reset');
    await eventually(() => proxy.accepted === 2, { what: 'the client to come back' });
    await app.flush();
    expect([proxy.accepted, proxy.open]).toEqual([2, 1]);
  });

  it('refuses new connections and keeps those that are open', async () => {
    const server = await serverForTest();
    const proxy = await proxyForTest(server);
    const app = await clientForTest(proxy);
    proxy.treat({ breaks: { at: 'accept', how: 'reset' } });
    await expect(connect({ servers: proxy.url, reconnect: false })).rejects.toThrow();
    await app.flush();
    expect(await server.connections()).toHaveLength(1);
    proxy.heal();
    await clientForTest(proxy);
    expect(proxy.open).toBe(2);
  });

  it('holds bytes back without closing, and delivers them afterwards', async () => {
    const proxy = await proxyForTest(await serverForTest());
    const app = await clientForTest(proxy);
    proxy.breakOpen('stall');
    let flushed = false;
    const flush = app.flush().then(() => (flushed = true));
    await expect(eventually(() => flushed, { what: 'the flush', timeoutMs: 200 })).rejects.toThrow(/in vain/);
    proxy.heal();
    await flush;
    expect(proxy.accepted).toBe(1);
  });

  it('puts words into the server’s mouth behind its INFO, or at any time', async () => {
    const proxy = await proxyForTest(await serverForTest());
    proxy.treat({ rewriteInfo: (info) => `${info}-ERR 'Authorization Violation'\r\n` });
    await expect(connect({ servers: proxy.url })).rejects.toThrow(/Authorization Violation/);

    proxy.heal();
    const app = await clientForTest(proxy, { reconnect: false });
    proxy.inject("-ERR 'User Authentication Expired'\r\n");
    expect(String(await app.closed())).toMatch(/User Authentication Expired/i);
  });
});
