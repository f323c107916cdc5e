import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { credsOf, exp } from '../user-info/user-info.fixture.js';
import { jwtOf, MARK, SEED } from '../../base/secrets.fixture.js';
import { setUp } from './source.fixture.js';

const HOUR = 3_600_000;
const jwt = jwtOf(exp(Date.UTC(2030, 0, 2)));

/** All that could end in a log, as text. */
const print = (...values: unknown[]) =>
  values
    .flatMap((value) => [
      inspect(value, { depth: 10, showHidden: true, getters: true }),
      inspect(value, { depth: 10, showHidden: true, customInspect: false }),
      JSON.stringify(value),
      String(value),
      inspect(Object.entries(value ?? {}), { depth: 10, showHidden: true }),
      inspect({ ...(value as object) }, { depth: 10, showHidden: true }),
    ])
    .join('\n');

describe('no secret is shown', () => {
  it.each([
    ['a password', { user: 'svc', pass: MARK }],
    ['a token', { token: jwt }],
    ['a .creds file', { creds: credsOf(jwt), user: 'svc', pass: MARK }],
    ['a JWT and a seed', { jwt, seed: SEED }],
  ])('by the source, its events and what it resolves, for %s', async (_, userInfo) => {
    const { clock, source, heard, resolve, answer } = setUp();
    source.hold();
    const resolved = resolve();
    const refreshing = source.refresh();
    await answer(userInfo);
    const stale = resolve();
    await clock.flush();
    expect(heard.map(({ event }) => event)).toEqual(['refreshed', 'reused']);
    const printed = print(source, heard, resolved.value, await refreshing, stale.value);
    expect(printed).toContain('[redacted]');
    expect(printed).not.toContain(MARK);
    expect(printed).not.toContain(jwt);
    source.close();
  });

  it('by a source whose provider holds one', () => {
    class Vault {
      readonly secret = MARK;
      getUserInfo() {
        return { token: this.secret };
      }
    }
    const { source } = setUp({ provider: new Vault() });
    expect(print(source)).not.toContain(MARK);
  });

  it.each([
    ['a field is wrong', { user: 'svc', pass: MARK, seed: `SECRET-${MARK}` }],
    ['a field is unknown', { user: 'svc', password: MARK }],
    ['fields do not fit together', { creds: credsOf(jwt), seed: SEED }],
    ['it is a string', MARK],
    ['it is a list', [MARK]],
  ])('by the errors for what a provider returned, when %s', async (_, rubbish) => {
    const { clock, source, heard, resolve, answer } = setUp({ refresh: { retry: { maxAttempts: 1 } } });
    const resolved = resolve({ firstConnect: true });
    await answer(rubbish);
    expect(resolved.error).toMatchObject({
      code: 'USER_INFO_UNAVAILABLE',
      cause: { code: 'USER_INFO_INVALID' },
    });
    expect(print(source, heard, resolved.error)).not.toContain(MARK);
    await clock.advance(HOUR);
    source.close();
  });

  it('by the message of our error when the provider quotes one in its own', async () => {
    const { resolve, fail } = setUp({ refresh: { retry: { maxAttempts: 1 } } });
    const resolved = resolve({ firstConnect: true });
    await fail(new Error(`GET https://svc:${MARK}@idp/token said ${jwt} and ${SEED}`));
    const { message, cause } = resolved.error as Error;
    expect(message).not.toContain(MARK);
    expect(message).toContain('said [redacted] and [redacted]');
    expect(cause).toBeInstanceOf(Error);
  });
});
