import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { Admission } from '../admission.js';
import { AdmissionInvalidError, RefusedError } from '../errors.js';
import { accountSeed } from '../keys/keys.fixture.js';
import { accountSigner } from '../keys/account-signer.js';
import { parseJwt } from '../jwt/parse-jwt.js';
import { userJwt } from '../answer/answer.js';
import { calloutSettings } from '../settings.js';
import { acceptedAdmission } from './accepted-admission.js';

const settings = await calloutSettings({ issuer: accountSeed(), accounts: ['ORDERS'] });
const issuer = accountSigner('callout.issuer', accountSeed());
const now = 1_700_000_000_400;

/** What makes sense, and now and then anything else. */
const mostly = <T>(sensible: fc.Arbitrary<T>, strange: fc.Arbitrary<unknown> = fc.anything()) =>
  fc.oneof({ weight: 19, arbitrary: sensible }, { weight: 1, arbitrary: strange });
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { requiredKeys: [] });

const subject = mostly(fc.constantFrom('a', 'a.>', '*', '$JS.>'), fc.string());
const subjects = mostly(fc.array(subject, { maxLength: 3 }));
const queues = mostly(fc.array(fc.oneof(subject, fc.record({ subject, queue: subject })), { maxLength: 3 }));
const admission = some({
  name: mostly(fc.constant('ann'), fc.string()),
  account: mostly(fc.constant('ORDERS')),
  expiresAt: mostly(fc.integer({ min: now, max: now * 2 }), fc.oneof(fc.double(), fc.date(), fc.anything())),
  permissions: mostly(
    some({
      publish: mostly(some({ allow: subjects, deny: subjects })),
      subscribe: mostly(some({ allow: queues, deny: queues })),
      responses: mostly(fc.boolean(), some({ max: fc.double(), ttl: fc.double() })),
    }),
  ),
  tags: mostly(fc.array(fc.string({ minLength: 1 }), { maxLength: 2 })),
  allowedSources: mostly(
    fc.array(fc.constantFrom('10.0.0.0/8', '::/0'), { minLength: 1 }),
    fc.array(fc.string()),
  ),
  connectionTypes: mostly(fc.constant(['STANDARD']), fc.array(fc.string())),
});

it('is signed as a whole, or refused by its own errors, whatever an authorizer returns', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(mostly(admission), async (value) => {
      const outcome = attempt(value);
      if (outcome === undefined) return;
      accepted++;
      const { exp, nats } = parseJwt(await userJwt(outcome, 'U', issuer))?.claims ?? {};
      expect(exp).toBeGreaterThan(now / 1_000);
      expect(exp).toBeLessThanOrEqual(now / 1_000 + 3_600);
      expect(JSON.stringify(nats)).not.toMatch(/[:[,]null/);
    }),
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

function attempt(value: unknown) {
  const request = { client: { id: 1, host: '10.1.2.3', type: 'STANDARD' as const } };
  try {
    return acceptedAdmission(value as Admission, request, settings, now);
  } catch (error) {
    if (error instanceof AdmissionInvalidError || error instanceof RefusedError) return undefined;
    throw error;
  }
}
