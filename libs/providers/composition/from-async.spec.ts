import { describe, expect, it } from 'vitest';

import { requestFor } from './composition.fixture.js';
import { fromAsync } from './from-async.js';

describe('a function as a provider', () => {
  it('is given the request and may be asynchronous or not', async () => {
    const request = requestFor();
    const echo = fromAsync(({ connection }) => ({ token: connection }));
    expect(await echo.getUserInfo(request)).toEqual({ token: 'orders' });
    expect(await fromAsync(() => Promise.resolve({ token: 't' })).getUserInfo(request)).toEqual({
      token: 't',
    });
  });

  it('is refused at once when it is no function', () => {
    expect(() => fromAsync(undefined as never)).toThrow(/^Option 'fromAsync': expected a function/);
  });

  it('may throw: the call rejects', async () => {
    const error = new Error('down');
    const provider = fromAsync(() => {
      throw error;
    });
    await expect(Promise.resolve(provider.getUserInfo(requestFor()))).rejects.toBe(error);
  });
});
