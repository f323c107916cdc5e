import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../../base/index.js';
import { KeySet } from './key-set.js';

const POLICY = { cooldown: 10_000, maxAge: 600_000 };

/** Of a client that waits for its answer. */
const waiting = () => new AbortController().signal;

/** Keys whose fetches the test ends. */
function scripted() {
  const clock = new VirtualClock();
  const fetches: { resolve: (keys: string[]) => void; reject: (error: Error) => void }[] = [];
  const keys = new KeySet(
    () => new Promise<string[]>((resolve, reject) => fetches.push({ resolve, reject })),
    POLICY,
    clock,
  );
  return { clock, fetches, keys };
}

async function fetched(names: string[] = ['one']) {
  const scene = scripted();
  const first = scene.keys.current(waiting());
  scene.fetches[0]?.resolve(names);
  return { ...scene, known: await first };
}

describe('keys of an issuer', () => {
  it('are fetched once for all who need them at the same time', async () => {
    const { keys, fetches } = scripted();
    const asked = Array.from({ length: 1_000 }, () => keys.current(waiting()));
    fetches[0]?.resolve(['one']);
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(fetches).toHaveLength(1);
  });

  it('are not fetched again before the cool-down is over, whoever asks for newer ones', async () => {
    const { keys, fetches, clock, known } = await fetched();
    for (let n = 0; n < 1_000; n++) expect(await keys.newerThan(known, waiting())).toBeUndefined();
    expect(fetches).toHaveLength(1);
    await clock.advance(POLICY.cooldown);
    const asked = Array.from({ length: 1_000 }, () => keys.newerThan(known, waiting()));
    fetches[1]?.resolve(['two']);
    expect(new Set((await Promise.all(asked)).flat())).toEqual(new Set(['two']));
    expect(fetches).toHaveLength(2);
  });

  it('that somebody else has fetched meanwhile are the newer ones', async () => {
    const { keys, fetches, clock, known } = await fetched();
    await clock.advance(POLICY.cooldown);
    const other = keys.newerThan(known, waiting());
    fetches[1]?.resolve(['two']);
    await other;
    expect(await keys.newerThan(known, waiting())).toEqual(['two']);
    expect(fetches).toHaveLength(2);
  });

  it('that are known serve on while the fetch fails', async () => {
    const { keys, fetches, clock, known } = await fetched();
    await clock.advance(POLICY.maxAge);
    const asked = keys.current(waiting());
    fetches[1]?.reject(new Error('down'));
    expect(await asked).toBe(known);
  });

  it('that are known serve on while the fetch does not end', async () => {
    const { keys, clock, known } = await fetched();
    await clock.advance(POLICY.maxAge);
    const asked = keys.current(waiting());
    await clock.advance(500);
    expect(await asked).toBe(known);
    expect(clock.pending).toBe(0);
  });

  it('that are too old give way to those that the issuer has now', async () => {
    const { keys, fetches, clock } = await fetched();
    await clock.advance(POLICY.maxAge);
    const asked = keys.current(waiting());
    fetches[1]?.resolve(['two']);
    expect(await asked).toEqual(['two']);
    expect(clock.pending).toBe(0);
  });

  it('are asked for with growing pauses while the issuer is away, and each time its error is told', async () => {
    const { keys, fetches, clock } = scripted();
    const fail = async (times: number) => {
      const asked = keys.current(waiting());
      fetches[times - 1]?.reject(new Error(`down ${times}`));
      await expect(asked).rejects.toThrow(`down ${times}`);
      await expect(keys.current(waiting())).rejects.toThrow(`down ${times}`);
      expect(fetches).toHaveLength(times);
    };
    await fail(1);
    await clock.advance(1_000);
    await fail(2);
    await clock.advance(2_000);
    await fail(3);
    await clock.advance(4_000);
    await fail(4);
    await clock.advance(8_000);
    await fail(5);
    await clock.advance(POLICY.cooldown);
    const asked = keys.current(waiting());
    fetches[5]?.resolve(['one']);
    expect(await asked).toEqual(['one']);
  });

  it('fail for a newer one while the issuer is away: nobody can tell whether there is one', async () => {
    const { keys, fetches, clock, known } = await fetched();
    await clock.advance(POLICY.cooldown);
    const asked = keys.newerThan(known, waiting());
    fetches[1]?.reject(new Error('down'));
    await expect(asked).rejects.toThrow('down');
    await expect(keys.newerThan(known, waiting())).rejects.toThrow('down');
    expect(await keys.current(waiting())).toBe(known);
    expect(fetches).toHaveLength(2);
  });

  it('arrive for the others when the client that was the first to need them has gone', async () => {
    const { keys, fetches } = scripted();
    const client = new AbortController();
    const [gone, stays] = [keys.current(client.signal), keys.current(waiting())];
    client.abort(new Error('nobody waits'));
    await expect(gone).rejects.toThrow('nobody waits');
    fetches[0]?.resolve(['one']);
    expect(await stays).toEqual(['one']);
    await expect(scripted().keys.current(client.signal)).rejects.toThrow('nobody waits');
  });
});
