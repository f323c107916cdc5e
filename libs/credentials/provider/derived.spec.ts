import { describe, expect, it, vi } from 'vitest';

import { derived } from './derived.js';
import { requestWith } from './provider.fixture.js';

describe('a derived provider', () => {
  it('has its own calls and the changes of the other, which keeps its `this`', async () => {
    class Other {
      readonly listeners = new Set<() => void>();
      getUserInfo = () => ({ token: 'other' });
      watch(changed: () => void) {
        this.listeners.add(changed);
        return () => this.listeners.delete(changed);
      }
    }
    const other = new Other();
    const provider = derived(other, () => ({ token: 'own' }));
    expect(await provider.getUserInfo(requestWith())).toEqual({ token: 'own' });
    const changed = vi.fn();
    const end = provider.watch?.(changed);
    other.listeners.forEach((listener) => listener());
    expect(changed).toHaveBeenCalledOnce();
    end?.();
    expect(other.listeners.size).toBe(0);
  });

  it.each([undefined, null, {}, 'SECRET'])('is made of no %s, and says so at once', (other) => {
    expect(() => derived(other as never, () => ({ token: 'own' }))).toThrow(
      /^Option 'provider': expected an object with a getUserInfo\(\) method, got (?!SECRET)/,
    );
  });

  it('has no watch when the other has none', () => {
    const provider = derived({ getUserInfo: () => ({ token: 'other' }) }, () => ({ token: 'own' }));
    expect(provider).not.toHaveProperty('watch');
  });
});
