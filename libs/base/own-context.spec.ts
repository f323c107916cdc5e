import { AsyncLocalStorage } from 'node:async_hooks';

import { describe, expect, it } from 'vitest';

import { inCallersContext, inOwnContext } from './own-context.js';

const storage = new AsyncLocalStorage<string>();

describe('the own context', () => {
  it('has no store of its caller, nor has what begins in it', async () => {
    const seen = await storage.run('caller', () =>
      inOwnContext(async () => {
        const atOnce = storage.getStore();
        const inTimer = await new Promise((resolve) => setTimeout(() => resolve(storage.getStore()), 1));
        return [atOnce, inTimer, storage.getStore()];
      }),
    );
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('leaves the caller in its own, also when the work throws', () => {
    storage.run('caller', () => {
      expect(() =>
        inOwnContext(() => {
          throw new Error('of the work');
        }),
      ).toThrow('of the work');
      expect(storage.getStore()).toBe('caller');
    });
  });

  it('keeps nothing of what earlier work has entered', () => {
    inOwnContext(() => storage.enterWith('entered'));
    expect(inOwnContext(() => storage.getStore())).toBeUndefined();
  });

  it('is empty of storages that are younger than it', () => {
    const younger = new AsyncLocalStorage();
    expect(younger.run('caller', () => inOwnContext(() => younger.getStore()))).toBeUndefined();
  });

  it('is empty also where the module was loaded in a request', async () => {
    // A module is evaluated once in a process, here by the import above.
    const own = './own-context.js?loaded-in-a-request';
    const loaded = await storage.run(
      'loading',
      () => import(own) as Promise<typeof import('./own-context.js')>,
    );
    expect(loaded.inOwnContext).not.toBe(inOwnContext);
    expect(loaded.inOwnContext(() => storage.getStore())).toBeUndefined();
  });
});

describe("the caller's context", () => {
  it('is that of the moment when the callback was bound', () => {
    const bound = storage.run('caller', () =>
      inCallersContext((more: string) => `${storage.getStore()} ${more}`),
    );
    expect(storage.run('another', () => bound('with arguments'))).toBe('caller with arguments');
  });
});
