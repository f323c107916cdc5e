import type { NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { Registry } from 'prom-client';
import { describe } from 'vitest';

import { appModule, startAndClose } from '../integration/nest/app.js';
import { fuzz } from './harness/fuzz.js';
import { mutated } from './harness/mutated.js';
import { expectNamesOption } from './harness/names-option.js';
import { SECRETS } from './harness/secrets.js';

/** Right in all that there is to set. */
const options = (): NatsAuthModuleOptions => ({
  name: 'fuzz',
  connection: {
    servers: ['nats://127.0.0.1:4222'],
    queue: 'q',
    name: 'n',
    reconnectTimeWait: 20,
    inboxPrefix: '_INBOX',
    tls: { ca: 'x' },
  },
  sentinel: { jwt: SECRETS.jwt },
  refresh: {
    timeout: 1_000,
    reuse: 100,
    retry: { maxAttempts: 2, maxAttemptsAfterConnect: 3, initialDelay: 1, maxDelay: 2, factor: 2 },
    ahead: { fraction: 0.8, jitter: 0.1 },
  },
  rejection: { maxOnConnect: 2, initialDelay: 1, maxDelay: 2, factor: 2 },
  rotation: { mode: 'handover', timeout: 100 },
  client: { whileDisconnected: 'wait', maxWaiting: 10, inbox: 'shared' },
  metrics: { registry: new Registry(), prefix: 'fuzz_' },
  userInfoProvider: { useValue: { getUserInfo: () => ({ user: 'svc', pass: SECRETS.password }) } },
});

const PATHS = [
  ...['name', 'connection', 'sentinel', 'refresh', 'rejection', 'rotation', 'client', 'metrics'],
  ...['servers', 'user', 'pass', 'token', 'authenticator', 'tls'].map((name) => `connection.${name}`),
  ...['creds', 'jwt'].map((name) => `sentinel.${name}`),
  ...['timeout', 'reuse', 'retry', 'ahead', 'ahead.fraction', 'ahead.jitter'].map(
    (name) => `refresh.${name}`,
  ),
  ...['maxAttempts', 'maxAttemptsAfterConnect', 'initialDelay', 'maxDelay', 'factor'].map(
    (name) => `refresh.retry.${name}`,
  ),
  ...['maxOnConnect', 'initialDelay', 'maxDelay', 'factor'].map((name) => `rejection.${name}`),
  ...['mode', 'timeout', 'retry', 'retry.factor'].map((name) => `rotation.${name}`),
  ...['whileDisconnected', 'maxWaiting', 'inbox'].map((name) => `client.${name}`),
  ...['registry', 'prefix', 'path', 'port', 'host'].map((name) => `metrics.${name}`),
];

describe('options', () => {
  fuzz('whatever is set, the module starts or names the option', {
    cases: 2_000,
    of: mutated(options, PATHS),
    check: async ({ make, paths }) => {
      try {
        await startAndClose(appModule(make()));
      } catch (error) {
        expectNamesOption(error, paths);
      }
    },
  });
});
