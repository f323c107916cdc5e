import { beforeEach, describe, expect, it, vi } from 'vitest';

import { OpenProvider } from '../provider/provider.fixture.js';
import { setUp, userInfoOf } from './source.fixture.js';

const A_MINUTE = 60_000;

let warnings: unknown[];
beforeEach(() => {
  warnings = [];
  const warned = vi
    .spyOn(process, 'emitWarning')
    .mockImplementation((warning) => void warnings.push(warning));
  return () => warned.mockRestore();
});

describe('a provider whose watch()', () => {
  it('returns nothing is let go all the same', async () => {
    const { source, changes } = await presenting(() => undefined);
    source.hold().release();
    source.close();
    expect(changes).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('throws disturbs no connection, and is watched from the next one on', async () => {
    let trouble: string | undefined = 'no such folder: nfs://me:secret@host/keys';
    const { source, clock, changes, call } = await presenting(() => {
      if (trouble) throw new Error(trouble);
    });
    const { release } = source.hold();
    expect(warnings).toEqual([expect.stringMatching(/watch\(\).*connection 'orders' threw: no such folder/)]);
    expect(warnings.join()).not.toContain('secret');
    trouble = undefined;
    source.hold().release();
    source.hold().release();
    expect(changes).toHaveLength(2);
    changes[1]?.();
    await clock.flush();
    expect(call().request).toMatchObject({ reason: 'changed' });
    source.close();
    release();
  });

  it('throws leaves nothing under way when the connection is gone', async () => {
    const { source, clock } = await presenting(() => {
      throw new Error('no such folder');
    });
    source.hold().release();
    expect(clock.pending).toBe(0);
  });

  it('rejects does not end the process', async () => {
    const { source, clock } = await presenting(() => Promise.reject(new Error('no such folder')));
    const { release } = source.hold();
    await clock.flush();
    expect(warnings).toEqual([expect.stringMatching(/no such folder/)]);
    release();
  });

  it('gives an end that throws is let go all the same', async () => {
    const { source, clock, changes } = await presenting(() => () => {
      throw new Error('too late');
    });
    source.hold().release();
    expect(warnings).toEqual([expect.stringMatching(/too late/)]);
    expect(clock.pending).toBe(0);
    source.hold().release();
    expect(changes).toHaveLength(2);
  });
});

/** A source that presents user info, which lives for a minute, of a provider with this `watch()`. */
async function presenting(watch: () => unknown) {
  const changes: (() => void)[] = [];
  const provider = Object.assign(new OpenProvider(), {
    watch: (changed: () => void) => {
      changes.push(changed);
      return watch() as () => void;
    },
  });
  const { source, clock, resolve, answer } = setUp({ provider });
  const resolved = resolve();
  await clock.flush();
  await answer(userInfoOf('first', clock, A_MINUTE), provider.call);
  if (resolved.value) source.report(resolved.value, 'accepted');
  return { source, clock, changes, call: () => provider.call };
}
