import { inspect } from 'node:util';

import { createUser } from '@nats-io/nkeys';
import { describe, expect, it, vi } from 'vitest';

import { Emitter, VirtualClock } from '../../base/index.js';
import {
  CredentialSource,
  type RefreshOptions,
  refreshSettings,
  type UserInfo,
  type UserInfoRequest,
} from '../../credentials/index.js';
import { loadDriver } from '../drivers/load-driver.js';
import { SigningFailedError } from '../errors.js';
import type { NatsAuthEvents } from '../events.js';
import { rejectionSettings } from '../options.js';
import { createConnectOptions, credentialsBehind } from './connect-options.js';

const SECOND = 1_000;
const driver = await loadDriver('@nats-io/transport-node');

interface Setup {
  provide?: (request: UserInfoRequest, call: number) => UserInfo;
  /** Of the passwords that the provider gives, one after the other. Default: they do not expire. */
  lifetimeMs?: number;
  refresh?: RefreshOptions;
  signal?: AbortSignal;
  options?: object;
}

/** A source that only connections use which others open. Chance says 0.5: a refresh ahead comes at 0.8 of a lifetime. */
function setUp({ provide, lifetimeMs, refresh, signal, options = {} }: Setup = {}) {
  const clock = new VirtualClock();
  const requests: UserInfoRequest[] = [];
  const provider = { isDown: false };
  const expires = () => (lifetimeMs === undefined ? {} : { expiresAt: clock.now() + lifetimeMs });
  const source = new CredentialSource({
    connection: 'orders',
    provider: {
      getUserInfo: (request) => {
        requests.push(request);
        if (provider.isDown) throw new Error('the identity provider is down');
        return (
          provide?.(request, requests.length) ?? {
            user: 'svc',
            pass: `pass-${requests.length}`,
            ...expires(),
          }
        );
      },
    },
    refresh: refreshSettings(refresh),
    rejection: rejectionSettings(),
    events: new Emitter<NatsAuthEvents>(),
    clock,
    random: () => 0.5,
  });
  const create = async () => {
    const settings = { role: 'connection', source, driver, signal, clock } as const;
    return (await createConnectOptions(settings, options)).options;
  };
  const reasons = () => requests.map(({ reason }) => reason);
  return { clock, source, provider, requests, reasons, create };
}

describe('the options for connections that others open', () => {
  it('present the newest user info, which is refreshed ahead although no connection of ours is open', async () => {
    const { clock, reasons, create } = setUp({ lifetimeMs: 10 * SECOND });
    const { authenticator } = await create();
    expect(authenticator('nonce')).toMatchObject({ user: 'svc', pass: 'pass-1' });
    await clock.advance(8 * SECOND);
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-2' });
    await clock.advance(80 * SECOND);
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-12' });
    expect(new Set(reasons())).toEqual(new Set(['connect', 'expiring']));
  });

  it('present what there was last while the provider is down, also after its expiry, and what is newer once it is back', async () => {
    const { clock, provider, create } = setUp({
      lifetimeMs: 10 * SECOND,
      refresh: { retry: { maxDelay: SECOND } },
    });
    const { authenticator } = await create();
    provider.isDown = true;
    for (let dials = 0; dials < 10; dials++) {
      await clock.advance(2 * SECOND);
      expect(authenticator('nonce')).toMatchObject({ pass: 'pass-1' });
    }
    provider.isDown = false;
    await clock.advance(SECOND);
    expect(authenticator('nonce')).not.toMatchObject({ pass: 'pass-1' });
  });

  it('have the provider called when the same is presented again, for the next dial', async () => {
    const { clock, reasons, create } = setUp();
    const { authenticator } = await create();
    authenticator('nonce');
    await clock.advance(60 * SECOND);
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-1' });
    await clock.flush();
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-2' });
    expect(reasons()).toEqual(['connect', 'reconnect']);
  });

  it('tell a provider that gives the same again of a rejection, so that it looks past its cache', async () => {
    const provide = ({ reason }: UserInfoRequest) => ({ token: reason === 'rejected' ? 'second' : 'first' });
    const { clock, create } = setUp({ provide });
    const { authenticator } = await create();
    for (let dials = 0; dials < 3; dials++) {
      expect(authenticator('nonce')).toMatchObject({ auth_token: 'first' });
      await clock.advance(2 * SECOND);
    }
    expect(authenticator('nonce')).toMatchObject({ auth_token: 'second' });
  });

  it('look past what may be reused, too, where it seems to be rejected', async () => {
    const { clock, reasons, create } = setUp({ lifetimeMs: 3_600 * SECOND, refresh: { reuse: 60 * SECOND } });
    const { authenticator } = await create();
    for (let dials = 0; dials < 3; dials++) {
      expect(authenticator('nonce')).toMatchObject({ pass: 'pass-1' });
      await clock.advance(2 * SECOND);
    }
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-2' });
    expect(reasons()).toEqual(['connect', 'rejected']);
  });

  it('make one call, however many dials wait for it', async () => {
    const { clock, provider, requests, create } = setUp({ refresh: { retry: { initialDelay: 5 * SECOND } } });
    const { authenticator } = await create();
    provider.isDown = true;
    for (let dials = 0; dials < 5; dials++) {
      authenticator('nonce');
      await clock.advance(2 * SECOND);
    }
    expect(requests.length).toBeLessThan(5);
  });

  it('serve several libraries, each with its own', async () => {
    const { create, requests } = setUp();
    const [one, other] = await Promise.all([create(), create()]);
    expect(one.authenticator).not.toBe(other.authenticator);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ role: 'connection', reason: 'connect' });
  });

  it('are not made while the provider gives nothing, and leave no timer then', async () => {
    const { clock, provider, create } = setUp({ refresh: { retry: { maxAttempts: 2 } } });
    provider.isDown = true;
    const creating = expect(create()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    await clock.advance(SECOND);
    await creating;
    expect(clock.pending).toBe(0);
  });

  const signed = (sign: UserInfo['sign']) => ({ nkey: createUser().getPublicKey(), sign });

  it('are not made for an asynchronous signer, which stays good for connections that wait for it', async () => {
    const sign = () => Promise.resolve(new Uint8Array(64));
    const { clock, source, create } = setUp({ provide: () => signed(sign) });
    await expect(create()).rejects.toMatchObject({
      code: 'USER_INFO_INVALID',
      message: expect.stringContaining('@InjectNatsAuthConnection()') as string,
    });
    expect(source.current).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  it('are not made for a signer that fails', async () => {
    const sign = () => {
      throw new Error('no such key');
    };
    await expect(setUp({ provide: () => signed(sign) }).create()).rejects.toBeInstanceOf(SigningFailedError);
  });

  it('never throw at a dial, and complain once of a signer that has become asynchronous', async () => {
    const complaint = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const key = createUser();
    const provide = (_: UserInfoRequest, call: number): UserInfo => ({
      nkey: key.getPublicKey(),
      sign: (nonce) => (call === 1 ? key.sign(nonce) : Promise.reject(new Error('late'))),
    });
    const { source, create } = setUp({ provide });
    const { authenticator } = await create();
    await source.refresh();
    expect(authenticator('nonce')).toEqual({ nkey: key.getPublicKey() });
    expect(authenticator('nonce')).toEqual({ nkey: key.getPublicKey() });
    expect(complaint).toHaveBeenCalledOnce();
    complaint.mockRestore();
  });

  it('end with their signal: no timer is left, and what there was last is still presented', async () => {
    const used = new AbortController();
    const { clock, create } = setUp({ lifetimeMs: 10 * SECOND, signal: used.signal });
    const { authenticator } = await create();
    expect(clock.pending).toBe(1);
    used.abort();
    expect(clock.pending).toBe(0);
    expect(authenticator('nonce')).toMatchObject({ pass: 'pass-1' });
    expect(clock.pending).toBe(0);
  });

  it('end with their source', async () => {
    const { clock, source, create } = setUp({ lifetimeMs: 10 * SECOND });
    const { authenticator } = await create();
    source.close();
    authenticator('nonce');
    authenticator('nonce');
    await clock.flush();
    expect(clock.pending).toBe(0);
    await expect(create()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('have the connection options of the registration, without those of NestJS, and dial for ever', async () => {
    const options = {
      servers: ['nats-1:4222', 'nats-2:4222'],
      name: 'orders',
      tls: { caFile: 'ca.pem' },
      inboxPrefix: '_INBOX_orders',
      reconnectTimeWait: 100,
      queue: 'orders',
      headers: { tenant: 'acme' },
      serializer: {},
      deserializer: {},
      gracefulShutdown: true,
      gracePeriod: 5,
    };
    const { authenticator, ...given } = await setUp({ options }).create();
    expect(authenticator).toBeInstanceOf(Function);
    expect(given).toEqual({
      servers: ['nats-1:4222', 'nats-2:4222'],
      name: 'orders',
      tls: { caFile: 'ca.pem' },
      inboxPrefix: '_INBOX_orders',
      reconnectTimeWait: 100,
      reconnect: true,
      maxReconnectAttempts: -1,
      pingInterval: 20_000,
      ignoreAuthErrorAbort: true,
    });
    expect(
      await setUp({ options: { maxReconnectAttempts: 5, ignoreAuthErrorAbort: false } }).create(),
    ).toMatchObject({
      servers: ['127.0.0.1:4222'],
      maxReconnectAttempts: 5,
      ignoreAuthErrorAbort: true,
    });
  });

  it('show neither user info nor a TLS key, however they are printed', async () => {
    const provide = () => ({ user: 'svc', pass: 'pass-MARKED' });
    const { create } = setUp({ provide, options: { tls: { key: 'key-MARKED' } } });
    const options = await create();
    const copy = { ...options, name: 'a copy' };
    for (const one of [options, copy, credentialsBehind(copy)]) {
      expect(inspect(one, { depth: null, showHidden: true })).not.toContain('MARKED');
      expect(JSON.stringify(one)).not.toContain('MARKED');
    }
    expect(copy.tls?.key).toBe('key-MARKED');
  });

  it('are known by their authenticator, also as a copy; those of somebody else are not', async () => {
    const options = await setUp().create();
    expect(credentialsBehind({ ...options })).toBe(credentialsBehind(options));
    expect(() => credentialsBehind({ authenticator: () => ({ auth_token: 't' }) })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }) as Error,
    );
  });
});
