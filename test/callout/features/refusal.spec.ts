import { describe, expect, it } from 'vitest';

import { eventually } from '../../../libs/testing/index.js';
import { RefusedError } from '../../../libs/callout/index.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB, configMode } from '../harness/config-mode.js';
import { nkeyCredentials, userKeys } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';

const TIMEOUT_MS = 1_000;

describe.each(LANES)('$label: a refusal', (lane) => {
  it('reaches the client at once, and its reason only the log of the server', async () => {
    const { server, callout } = await configMode(lane, {
      server: { timeout: 30_000 },
      authorize: ({ credentials: { user } }) => {
        if (user === 'alice') throw new RefusedError('Alice is on leave.', { reason: 'forbidden' });
        return { name: 'bob' };
      },
    });
    const heard = await refusal(lane, server, { ...ALICE, timeout: 15_000 });
    expect(heard).toMatch(VIOLATION);
    expect(heard).not.toContain('leave');
    expect(await callout.until('refused')).toMatchObject({ reason: 'forbidden', client: 'alice' });
    await eventually(async () => (await server.log()).includes('Alice is on leave'), {
      what: 'the reason in the log of the server',
    });
    await connect(lane, server, BOB);
  });

  it('can be silent: the server waits out its time, and hears no reason', async () => {
    const { server, callout } = await configMode(lane, {
      refusals: 'silent',
      server: { timeout: TIMEOUT_MS },
      authorize: () => {
        throw new RefusedError('Alice is on leave.');
      },
    });
    const from = performance.now();
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(performance.now() - from).toBeGreaterThan(TIMEOUT_MS * 0.9);
    expect(callout.all('refused')).toHaveLength(1);
    expect(await server.log()).not.toContain('leave');
  });

  it('meets whose name was revoked, until it is restored', async () => {
    const { server, callout } = await configMode(lane, { revoked: ['bob'] });
    expect(await refusal(lane, server, BOB)).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'revoked' });
    await connect(lane, server, ALICE);
    callout.callout.revoke('alice');
    callout.callout.restore('bob');
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    await connect(lane, server, BOB);
  });

  it('meets whose public NKey was revoked, under whichever name, until it is restored', async () => {
    const [always, later, other] = [userKeys(), userKeys(), userKeys()];
    const { server, callout } = await configMode(lane, {
      revoked: [always.publicKey],
      authorize: () => ({ name: 'device' }),
    });
    await connect(lane, server, nkeyCredentials(later));
    callout.callout.revoke(later.publicKey);
    for (const keys of [always, later]) {
      expect(await refusal(lane, server, nkeyCredentials(keys))).toMatch(VIOLATION);
      expect(await callout.until('refused')).toMatchObject({ reason: 'revoked' });
    }
    await connect(lane, server, nkeyCredentials(other));
    expect(callout.asked).toHaveLength(2);
    callout.callout.restore(later.publicKey);
    await connect(lane, server, nkeyCredentials(later));
  });
});
