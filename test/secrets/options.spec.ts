import { inspect } from 'node:util';

import { ConfigModule } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { NatsAuthModule, natsAuthConfig, OptionsInvalidError } from 'nestjs-nats-auth';
import { describe, expect, it, vi } from 'vitest';

import { appModule } from '../integration/nest/app.js';
import { secretsIn } from './harness/search.js';

const SECRET = 'pa55-MARKED';
const JWT = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.MARKED';
const userInfoProvider = { useValue: { getUserInfo: () => ({ token: 't' }) } };

describe('options that are refused', () => {
  it.each<[string, unknown]>([
    ['a password in an address', { connection: { servers: `nats://svc:${SECRET}@127.0.0.1` } }],
    ['a password beside a provider', { connection: { user: 'svc', pass: SECRET } }],
    ['a token beside a provider', { connection: { token: SECRET } }],
    ['a sentinel that is none', { sentinel: { jwt: `${JWT}.${SECRET}` } }],
    ['a sentinel that is no file', { sentinel: { creds: `-----BEGIN ${SECRET}` } }],
    ['a secret in the place of a number', { refresh: { timeout: SECRET } }],
    ['a JWT in the place of a mode', { rotation: { mode: JWT } }],
    ['a JWT in the place of a path', { metrics: { path: JWT } }],
  ])('name the option, and no secret: %s', async (_, options) => {
    const module = appModule({ ...(options as object), userInfoProvider });
    const error = await NestFactory.createApplicationContext(module, {
      logger: false,
      abortOnError: false,
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OptionsInvalidError);
    expect(secretsIn(inspect(error, { depth: Infinity, showHidden: true }), [SECRET, JWT])).toEqual([]);
  });
});

describe('environment variables that are refused', () => {
  it.each([
    ['NATS_SERVERS', `nats://svc:${SECRET}@127.0.0.1`],
    ['NATS_AUTH_SENTINEL_JWT', `${JWT}.${SECRET}`],
    ['NATS_AUTH_SENTINEL_CREDS_FILE', `/no/such/${JWT}`],
    ['NATS_AUTH_REFRESH_TIMEOUT', JWT],
    ['NATS_AUTH_ROTATION_MODE', JWT],
  ])('are named, and no secret: %s', async (name, value) => {
    vi.stubEnv(name, value);
    const module = NatsAuthModule.forRootAsync({
      imports: [ConfigModule.forFeature(natsAuthConfig)],
      inject: [natsAuthConfig.KEY],
      useFactory: (options: object) => options,
      userInfoProvider,
    });
    const error = await NestFactory.createApplicationContext(module, {
      logger: false,
      abortOnError: false,
    }).catch((thrown: unknown) => thrown);
    vi.unstubAllEnvs();
    expect(error).toBeInstanceOf(OptionsInvalidError);
    expect(secretsIn(inspect(error, { depth: Infinity, showHidden: true }), [SECRET, JWT])).toEqual([]);
  });
});
