import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';

import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '@nestjs/config';
import { Module, type Type } from '@nestjs/common';
import { natsAuthConfig, NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';
import {
  ClientCredentialsProvider,
  type ClientCredentialsOptions,
  TokenFileProvider,
} from 'nestjs-nats-auth/providers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { appModule } from '../integration/nest/app.js';
import { createOperatorMode } from '../support/operator-mode.js';
import { serverForTest } from '../support/server-for-test.js';
import { createTlsFiles } from '../support/tls.js';
import { Ears } from './harness/ears.js';
import { Scene } from './harness/scene.js';
import { Secrets } from './harness/secrets.js';
import { PASSWORD } from './places/index.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'not asked for' }) };

/** Starts with options that are refused, and fails if anything quotes them. */
async function refused(makeModule: () => Type, code: string, secrets: Secrets): Promise<void> {
  const ears = new Ears();
  onTestFinished(() => ears.close());
  const start = async () => {
    const options = { ...natsAuthTransport(), logger: ears.logger, abortOnError: false };
    const app = await NestFactory.createMicroservice(makeModule(), options);
    onTestFinished(() => app.close());
    await app.listen();
  };
  const error: unknown = await start().catch((thrown: unknown) => thrown);
  ears.hear('error', error);
  expect({ ...(error as object) }).toMatchObject({ code });
  ears.expectNo(secrets, 'error');
}

describe('options that are refused', () => {
  it.each<[string, (secret: string) => object]>([
    ['connection.pass', (pass) => ({ connection: { user: 'svc', pass } })],
    ['connection.token', (token) => ({ connection: { token } })],
    ['a password in a server URL', (pass) => ({ connection: { servers: `nats://svc:${pass}@localhost` } })],
    ['a token in one of several server URLs', (token) => ({ connection: { servers: ['a', `${token}@b`] } })],
    ['rubbish as .creds of the sentinel', (creds) => ({ sentinel: { creds } })],
    ['rubbish as JWT of the sentinel', (jwt) => ({ sentinel: { jwt } })],
    ['a seed beside the sentinel', (seed) => ({ sentinel: { seed } })],
    ['a string as provider', (secret) => ({ userInfoProvider: secret })],
    ['user info as provider', (pass) => ({ userInfoProvider: { user: 'svc', pass } })],
  ])('%s', async (_, options) => {
    const secrets = new Secrets();
    const given = options(secrets.word('word'));
    await refused(() => appModule({ userInfoProvider, ...given }), 'OPTIONS_INVALID', secrets);
  });

  it.each<[string, (secret: string) => Partial<ClientCredentialsOptions>]>([
    ['a password in the URL of the issuer', (pass) => ({ issuer: `https://svc:${pass}@id.example.com` })],
    [
      'rubbish as private key',
      (key) => ({ authentication: { method: 'private_key_jwt', privateKey: `-----BEGIN ${key}` } }),
    ],
    ['a secret of a wrong form', (secret) => ({ authentication: { secret: [secret] } as never })],
  ])('of a ready-made provider: %s', async (_, options) => {
    const secrets = new Secrets();
    const base = { issuer: 'https://id', clientId: 'svc', authentication: { method: 'none' as const } };
    const given = { ...base, ...options(secrets.word('word')) };
    const makeModule = () => appModule({ userInfoProvider: new ClientCredentialsProvider(given) });
    await refused(makeModule, 'OPTIONS_INVALID', secrets);
  });

  it('of a ready-made provider: the content of a file in the place of its path', async () => {
    const secrets = new Secrets();
    const { jwt } = await (await createOperatorMode()).mintUser();
    const provider = new TokenFileProvider({ path: secrets.keep('JWT', jwt) });
    const makeModule = () =>
      appModule({ userInfoProvider: provider, refresh: { retry: { maxAttempts: 1 } } });
    await refused(makeModule, 'USER_INFO_UNAVAILABLE', secrets);
  });
});

describe('the environment', () => {
  const moduleOfEnvironment = (environment: Record<string, string>) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    @Module({
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true }),
        NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), userInfoProvider }),
      ],
    })
    class AppModule {}
    return AppModule;
  };

  it.each<[string, (word: string, creds: string, jwt: string) => Record<string, string>]>([
    ['a password in NATS_SERVERS', (word) => ({ NATS_SERVERS: `nats://svc:${word}@localhost` })],
    ['contents in NATS_AUTH_SENTINEL_CREDS_FILE', (_, creds) => ({ NATS_AUTH_SENTINEL_CREDS_FILE: creds })],
    ['rubbish in NATS_AUTH_SENTINEL_JWT', (word) => ({ NATS_AUTH_SENTINEL_JWT: word })],
    ['a JWT in NATS_AUTH_REFRESH_TIMEOUT', (_, __, jwt) => ({ NATS_AUTH_REFRESH_TIMEOUT: jwt })],
    ['a JWT in NATS_AUTH_ROTATION_MODE', (_, __, jwt) => ({ NATS_AUTH_ROTATION_MODE: jwt })],
    ['a JWT in NATS_GRACEFUL_SHUTDOWN', (_, __, jwt) => ({ NATS_GRACEFUL_SHUTDOWN: jwt })],
  ])('%s', async (_, environment) => {
    const secrets = new Secrets();
    const { jwt, creds } = await (await createOperatorMode()).mintUser();
    secrets.keep('creds', creds);
    const given = environment(secrets.word('word'), creds, jwt);
    await refused(() => moduleOfEnvironment(given), 'OPTIONS_INVALID', secrets);
  });
});

describe('a TLS key in the options', () => {
  it('of a service that uses it', async () => {
    const files = await createTlsFiles();
    onTestFinished(() => files.remove());
    const server = await serverForTest({ config: files.config() });
    const secrets = new Secrets();
    const pem = await readFile(files.keyFile, 'utf8');
    for (const line of pem.split('\n').filter((text) => text && !text.startsWith('-----')))
      secrets.keep('TLS key', line);
    const scene = Scene.at(
      { server, issue: () => ({ user: 'svc', pass: secrets.word('password') }) },
      secrets,
    );
    const tls = { ca: files.ca, cert: await readFile(files.certFile, 'utf8'), key: pem };
    await scene.start({ connection: { tls } });
    // What NestJS and nats.js were given they keep: it is our objects that do not show it.
    const everything = { depth: Infinity, showHidden: true, getters: true };
    for (const part of [scene.nats, scene.client, scene.server]) {
      expect(inspect(part, everything).length).toBeGreaterThan(10);
      scene.ears.read('inspection', inspect(part, everything) + JSON.stringify(part));
    }
    scene.ears.close();
    scene.ears.expectNo(secrets, 'inspection', 'log', 'event');
  });

  it('that makes no sense', async () => {
    const scene = await Scene.of(PASSWORD);
    const key = `-----BEGIN PRIVATE KEY-----\n${scene.secrets.word('TLS key')}\n-----END PRIVATE KEY-----`;
    await scene.listen({ connection: { tls: { key, cert: key } } }).catch(() => undefined);
    expect(scene.ears.at('error of the start')).not.toBe('');
    scene.ears.close();
    scene.ears.expectNo(scene.secrets, 'error of the start', 'log');
  });
});
