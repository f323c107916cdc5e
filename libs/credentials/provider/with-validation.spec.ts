import { describe, expect, it } from 'vitest';

import { UserInfoInvalidError } from '../errors.js';
import { requestWith } from './provider.fixture.js';
import { withValidation } from './with-validation.js';

describe('what a provider returns', () => {
  it('is passed on when it is user info', async () => {
    const provider = withValidation({ getUserInfo: () => Promise.resolve({ token: 't' }) });
    await expect(provider.getUserInfo(requestWith())).resolves.toEqual({ token: 't' });
  });

  it('is a failure of the call when it is rubbish', async () => {
    const provider = withValidation({ getUserInfo: () => Promise.resolve({ token: '' }) });
    await expect(provider.getUserInfo(requestWith())).rejects.toBeInstanceOf(UserInfoInvalidError);
  });
});
