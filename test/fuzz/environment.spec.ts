import fc from 'fast-check';
import { NatsAuthModule, natsAuthConfig } from 'nestjs-nats-auth';
import { describe, vi } from 'vitest';

import { VARIABLES } from '../../src/config/variables.js';
import { startAndClose } from '../integration/nest/app.js';
import { fuzz } from './harness/fuzz.js';
import { texts } from './harness/odd-values.js';
import { expectNamesOption } from './harness/names-option.js';
import { SECRETS, withoutPlainSecrets } from './harness/secrets.js';

const values = fc.oneof(
  texts.map((text) => withoutPlainSecrets(text) as string),
  fc.constantFrom('true', 'TRUE', '0', '-1', '1e400', '0x10', ' 5 ', 'NaN', 'Infinity', 'off', ',', 'a,,b'),
  fc.constantFrom('handover', 'wait', '/metrics', SECRETS.url, `nats://a,${SECRETS.url}`, '/does/not/exist'),
  fc.integer().map(String),
);

// A listener on a random port might be somebody else's; a metrics endpoint needs a server.
const names = VARIABLES.map(({ name }) => name).filter((name) => !name.startsWith('NATS_AUTH_METRICS_'));

const environments = fc.dictionary(
  fc.constantFrom(...names, 'NATS_SERVER', 'NATS_AUTH_'),
  // The system takes no NUL and no lone surrogate in an environment.
  values.map((value) => Buffer.from(value).toString().replaceAll('\0', '').slice(0, 100_000)),
  { minKeys: 1, maxKeys: 4 },
);

describe('environment variables', () => {
  fuzz('whatever is set, the module starts or names the variable or option', {
    cases: 2_000,
    of: environments,
    check: async (environment) => {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
      try {
        const userInfoProvider = { useValue: { getUserInfo: () => ({ token: 't' }) } };
        await startAndClose(
          NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), userInfoProvider }),
        );
      } catch (error) {
        const set = VARIABLES.filter(({ name }) => name in environment);
        expectNamesOption(
          error,
          set.flatMap(({ name, option }) => [name, option]),
        );
      } finally {
        vi.unstubAllEnvs();
      }
    },
  });
});
