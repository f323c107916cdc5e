import { describe, expect, it, vi } from 'vitest';

import { ListedProvider, requestFor } from './composition.fixture.js';
import { withMapping } from './with-mapping.js';

describe('a mapped provider', () => {
  it('gives what the function makes of the user info and the request', async () => {
    const provider = withMapping(new ListedProvider({ token: 'abc' }), ({ token }, { connection }) => ({
      user: connection,
      pass: token,
    }));
    expect(await provider.getUserInfo(requestFor())).toEqual({ user: 'orders', pass: 'abc' });
  });

  it('waits for an asynchronous function, and fails with it', async () => {
    const token = new ListedProvider({ token: 'abc' });
    const failing = withMapping(token, () => Promise.reject(new Error('exchange is down')));
    await expect(failing.getUserInfo(requestFor())).rejects.toThrow('exchange is down');
    const exchanging = withMapping(token, () => Promise.resolve({ token: 'def' }));
    expect(await exchanging.getUserInfo(requestFor())).toEqual({ token: 'def' });
  });

  it('does not map a failure', async () => {
    const map = vi.fn();
    const failing = withMapping(new ListedProvider(new Error('down')), map);
    await expect(failing.getUserInfo(requestFor())).rejects.toThrow('down');
    expect(map).not.toHaveBeenCalled();
  });

  it('is refused at once when it is no function', () => {
    expect(() => withMapping(new ListedProvider({ token: 'abc' }), undefined as never)).toThrow(
      /^Option 'withMapping.map': expected a function/,
    );
  });

  it('tells of the changes of the provider', () => {
    const inner = new ListedProvider({ token: 'abc' });
    const changed = vi.fn();
    withMapping(inner, (userInfo) => userInfo).watch?.(changed);
    inner.change();
    expect(changed).toHaveBeenCalledOnce();
  });
});
