import { describe, expect, it } from 'vitest';

import { nats } from '../../bench/jetstream/drivers/nats.js';
import { transportNode } from '../../bench/jetstream/drivers/transport-node.js';
import { play, type Stage } from '../../bench/jetstream/play.js';
import { CONTROL, type Run } from '../../bench/jetstream/runs.js';
import { COUNTS, type Count } from '../../bench/jetstream/workload/counts.js';
import { RELEASE } from '../drivers/servers.js';

const SIX: Run = { ...CONTROL, run: 'six rotations', rotations: 6, everyMs: 500, lastsMs: 3_000 };

/** What a move in place may cost: messages and calls that no stream keeps find no subscriber meanwhile. */
const NOT_KEPT: readonly Count[] = ['failedRequests', 'lostMessages'];

describe.each([transportNode, nats])('a connection of $name that an application was given', (driver) => {
  const stage = { driver, release: RELEASE, objectBytes: 5_000_000, quietMs: 5_000 };
  const counted = async (more: Pick<Stage, 'system' | 'mode'>) => {
    const result = await play(SIX, { ...stage, ...more });
    return { result, counts: Object.fromEntries(COUNTS.map((count) => [count, result[count]])) };
  };
  const none = Object.fromEntries(COUNTS.map((count) => [count, 0]));

  it('loses, repeats and fails nothing of JetStream, KV, objects, services and core messages in handovers', async () => {
    const { result, counts } = await counted({ system: 'ours', mode: 'handover' });
    expect(counts, JSON.stringify(result.errors)).toEqual(none);
    expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
  });

  it('loses, repeats and fails nothing of JetStream, KV and objects where it moves in place', async () => {
    const { result, counts } = await counted({ system: 'ours', mode: 'reconnect' });
    const anything = Object.fromEntries(NOT_KEPT.map((count) => [count, expect.any(Number)]));
    expect(counts, JSON.stringify(result.errors)).toEqual({ ...none, ...anything });
    expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
  });

  it('does what reconnect() of nats.js does not', async () => {
    const { result } = await counted({ system: 'plain' });
    expect(result.rotations).toBe(6);
    expect(result.failedPublishes).toBeGreaterThan(0);
    expect(result.lostMessages).toBeGreaterThan(0);
  });
});
