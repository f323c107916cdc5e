import { describe, expect, it } from 'vitest';

import { eventually } from '../../../libs/testing/index.js';
import { administeredConfigMode, administeredOperatorMode } from '../harness/administered.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB } from '../harness/config-mode.js';
import { nkeyCredentials, userKeys } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';

describe.each(LANES)('$label: who must go', (lane) => {
  it.each([
    ['configuration', administeredConfigMode],
    ['operator', administeredOperatorMode],
  ] as const)('is kicked and comes in no more, in %s mode, and nobody else', async (_, start) => {
    // The server knows them by the names of their admissions only.
    const place = await start(lane, ({ credentials: { user } }) => ({ name: `${user} of the orders` }));
    const { server, callout, administration, present } = place;
    const [first, second] = [present(ALICE), present({ ...ALICE, name: 'second' })];
    const sessions = [await connect(lane, server, first), await connect(lane, server, second)];
    const stays = await connect(lane, server, present(BOB));

    expect(await administration.revoke('alice')).toEqual({ instances: 1 });
    expect(await administration.kick('alice')).toMatchObject({ sessions: 2 });
    await eventually(() => sessions.every((one) => one.isClosed()), { what: 'the sessions to end' });
    expect(stays.isClosed()).toBe(false);
    expect(await refusal(lane, server, first)).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'revoked', client: 'alice' });

    expect(await administration.kick('bob of the orders')).toMatchObject({ sessions: 1 });
    await eventually(() => stays.isClosed(), { what: 'the session to end' });
    await connect(lane, server, present(BOB));
    await administration.restore('alice');
    await connect(lane, server, first);
  });

  it('may be named by a public NKey', async () => {
    const { server, callout, administration } = await administeredConfigMode(lane, () => ({
      name: 'device',
    }));
    const lost = userKeys();
    const session = await connect(lane, server, nkeyCredentials(lost));
    const stays = await connect(lane, server, nkeyCredentials(userKeys()));
    await administration.revoke(lost.publicKey);
    expect(await administration.kick(lost.publicKey)).toMatchObject({ sessions: 1 });
    await eventually(() => session.isClosed(), { what: 'the session to end' });
    expect(await refusal(lane, server, nkeyCredentials(lost))).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'revoked' });
    expect(stays.isClosed()).toBe(false);
  });
});
