import { describe, expect, it } from 'vitest';

import { transportNode } from '../../bench/jetstream/drivers/transport-node.js';
import { NOT_KEPT } from '../../bench/jetstream/runs.js';
import { expectNothingAmiss, playShort } from './rotations.js';

describe('a connection of @nats-io/transport-node that an application was given', () => {
  it('loses, repeats and fails nothing of JetStream, KV, objects, services and core messages in handovers', async () => {
    const result = await playShort(transportNode, 'ours');
    expectNothingAmiss(result);
    expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
  });

  it('acknowledges what a slow handler has got before a handover', async () => {
    const slow = { handlerMs: 1_500, rotations: 4, lastsMs: 4_000 };
    const result = await playShort(transportNode, 'ours', slow);
    expectNothingAmiss(result);
    expect(result.rotations).toBe(4);
  });

  it('loses, repeats and fails nothing of JetStream, KV and objects where it moves in place', async () => {
    const result = await playShort(transportNode, 'ours', { mode: 'reconnect' });
    expectNothingAmiss(result, NOT_KEPT);
    expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
  });

  it('does what reconnect() of nats.js does not', async () => {
    const result = await playShort(transportNode, 'plain');
    expect(result.rotations).toBe(6);
    expect(result.failedPublishes).toBeGreaterThan(0);
    expect(result.lostMessages).toBeGreaterThan(0);
  });
});
