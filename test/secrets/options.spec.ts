import { inspect } from 'node:util';

import type { DynamicModule, Type } from '@nestjs/common';
import { NatsAuthModule, natsAuthConfig, OptionsInvalidError } from 'nestjs-nats-auth';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { appModule, startAndClose } from '../integration/nest/app.js';
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
    await expectRefusedWithoutSecrets(module);
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
    onTestFinished(() => void vi.unstubAllEnvs());
    const module = NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), userInfoProvider });
    await expectRefusedWithoutSecrets(module);
  });
});

async function expectRefusedWithoutSecrets(module: Type | DynamicModule): Promise<void> {
  const error = await startAndClose(module).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OptionsInvalidError);
  expect(secretsIn(inspect(error, { depth: Infinity, showHidden: true }), [SECRET, JWT])).toEqual([]);
}
