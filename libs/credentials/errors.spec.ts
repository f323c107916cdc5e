import { describe, expect, it } from 'vitest';

import { NatsAuthError } from '../base/index.js';
import { UserInfoInvalidError, UserInfoTimeoutError, UserInfoUnavailableError } from './errors.js';

describe('an error about user info', () => {
  it.each([
    [new UserInfoInvalidError('pass', 'x'), 'USER_INFO_INVALID', 'UserInfoInvalidError'],
    [new UserInfoUnavailableError('x'), 'USER_INFO_UNAVAILABLE', 'UserInfoUnavailableError'],
    [new UserInfoTimeoutError(5_000), 'USER_INFO_TIMEOUT', 'UserInfoTimeoutError'],
  ])('is told by its class, its code and its name: %s', (error, code, name) => {
    expect(error).toBeInstanceOf(NatsAuthError);
    expect(error).toMatchObject({ code, name });
  });

  it('says what to do about a time-out', () => {
    expect(new UserInfoTimeoutError(5_000).message).toMatch(/within 5000 ms.*raise 'refresh.timeout'/);
  });
});
