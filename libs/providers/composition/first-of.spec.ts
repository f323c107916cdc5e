import { describe, expect, it, vi } from 'vitest';

import { OptionsInvalidError } from '../../base/index.js';
import { ListedProvider, requestFor } from './composition.fixture.js';
import { firstOf } from './first-of.js';

const down = () => new ListedProvider(new Error('down'));

describe('the first of several providers', () => {
  it('that succeeds gives the user info, and those behind it are not asked', async () => {
    const [second, third] = [new ListedProvider({ token: 'second' }), new ListedProvider({ token: 'third' })];
    const provider = firstOf(down(), second, third);
    const request = requestFor();
    expect(await provider.getUserInfo(request)).toEqual({ token: 'second' });
    expect(second.requests).toEqual([request]);
    expect(third.requests).toEqual([]);
  });

  it('is not one that gives what is no user info', async () => {
    const rubbish = { getUserInfo: () => undefined as never };
    const provider = firstOf(rubbish, new ListedProvider({ token: 'second' }));
    expect(await provider.getUserInfo(requestFor())).toEqual({ token: 'second' });
  });

  it('is asked again in each call', async () => {
    const first = new ListedProvider(new Error('down'), { token: 'first' });
    const provider = firstOf(first, new ListedProvider({ token: 'second' }));
    expect(await provider.getUserInfo(requestFor())).toEqual({ token: 'second' });
    expect(await provider.getUserInfo(requestFor())).toEqual({ token: 'first' });
  });

  it('may throw at once', async () => {
    const throwing = {
      getUserInfo: () => {
        throw new Error('down');
      },
    };
    expect(await firstOf(throwing, new ListedProvider({ token: 't' })).getUserInfo(requestFor())).toEqual({
      token: 't',
    });
  });

  it('may be none: the error tells of each failure, without what looks like a secret', async () => {
    const errors = [new Error('vault is sealed'), new Error('file is gone: eyJh.eyJz.c2ln')];
    const failing = errors.map((error) => new ListedProvider(error));
    const error: unknown = await Promise.resolve(firstOf(...failing).getUserInfo(requestFor())).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      message: 'All 2 providers failed: 1. vault is sealed; 2. file is gone: [redacted]',
      errors,
      retryable: true,
    });
  });

  it('makes a retry pointless only if it is for each of them, and asks for the shortest wait', async () => {
    const final = Object.assign(new Error('no such role'), { retryable: false });
    const busy = Object.assign(new Error('busy'), { retryAfterMs: 9_000 });
    const busier = Object.assign(new Error('busier'), { retryAfterMs: 60_000 });
    const failure = (...errors: Error[]) =>
      Promise.resolve(
        firstOf(...errors.map((error) => new ListedProvider(error))).getUserInfo(requestFor()),
      ).catch((thrown: unknown) => thrown);
    expect(await failure(final, final)).toMatchObject({ retryable: false });
    expect(await failure(final, new Error('down'))).toMatchObject({ retryable: true });
    expect(await failure(busier, busy)).toMatchObject({ retryAfterMs: 9_000 });
    expect(await failure(busier, final)).toMatchObject({ retryAfterMs: 60_000 });
    expect(await failure(busier, new Error('down'))).toMatchObject({ retryAfterMs: 0 });
  });

  it('is not asked for when the call was given up during the one before', async () => {
    const controller = new AbortController();
    const reason = new Error('closed');
    const second = new ListedProvider({ token: 'second' });
    const first = {
      getUserInfo: () => {
        controller.abort(reason);
        throw new Error('aborted');
      },
    };
    const call = firstOf(first, second).getUserInfo(requestFor('connect', controller.signal));
    await expect(call).rejects.toBe(reason);
    expect(second.requests).toEqual([]);
  });

  it('tells of the changes of each of them until the watch ends', () => {
    const [one, two] = [new ListedProvider({ token: '1' }), new ListedProvider({ token: '2' })];
    const changed = vi.fn();
    const end = firstOf(one, { getUserInfo: () => ({ token: '3' }) }, two).watch?.(changed);
    one.change();
    two.change();
    expect(changed).toHaveBeenCalledTimes(2);
    end?.();
    expect([one.listeners.size, two.listeners.size]).toEqual([0, 0]);
  });

  it('watches none of them when one cannot be watched', () => {
    const one = new ListedProvider({ token: '1' });
    const failing = {
      getUserInfo: () => ({ token: '2' }),
      watch: () => {
        throw new Error('no such folder');
      },
    };
    expect(() => firstOf(one, failing).watch?.(() => undefined)).toThrow('no such folder');
    expect(one.listeners.size).toBe(0);
  });

  it('has no watch when none of them has', () => {
    expect(firstOf({ getUserInfo: () => ({ token: 't' }) })).not.toHaveProperty('watch');
  });

  it('is refused without providers', () => {
    expect(() => firstOf()).toThrow(OptionsInvalidError);
    expect(() => firstOf(down(), undefined as never)).toThrow(
      /^Option 'firstOf\[1\]': expected an object with/,
    );
  });
});
