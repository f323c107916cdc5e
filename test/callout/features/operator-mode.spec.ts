import { describe, expect, it } from 'vitest';

import type { CalloutOptions } from '../../../libs/callout/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { connect, refusal, seenBy, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB, byPassword } from '../harness/config-mode.js';
import { accountKeys } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';
import { type OperatorKeys, operatorMode } from '../harness/operator-mode.js';
import { RunningListener } from '../harness/running-listener.js';

describe.each(LANES)('$label: in operator mode', (lane) => {
  it('a client with the sentinel comes into an allowed account', async () => {
    const { server, present, app, callout } = await operatorMode(lane);
    await connect(lane, server, present(ALICE));
    expect(await seenBy(server, 'alice')).toMatchObject({ account: app.publicKey });
    expect(callout.asked[0]?.credentials).toMatchObject({ user: 'alice', pass: 'wonderland' });
    expect(await callout.until('admitted')).toMatchObject({ account: 'APP', name: 'alice' });
    expect(await refusal(lane, server, present({ ...BOB, pass: 'wrong' }))).toMatch(VIOLATION);
  });

  it('nobody gets as far as the callout without a JWT of the operator', async () => {
    const { server, callout } = await operatorMode(lane);
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(callout.messages).toEqual([]);
  });

  it('the authorizer hears whether a client has proved its JWT, which with the sentinel nobody does', async () => {
    const { server, present, member, calloutAccount, callout } = await operatorMode(lane, {
      authorize: () => ({ name: 'anybody' }),
    });
    await connect(lane, server, present(ALICE));
    await connect(lane, server, await member(calloutAccount));
    expect(callout.asked.map(({ credentials: { jwt } }) => jwt?.proven)).toEqual([false, true]);
  });

  it('signing keys of both accounts sign in place of the accounts themselves', async () => {
    const { server, present, app } = await operatorMode(lane, {
      options: ({ calloutAccount, calloutSigner, app: { publicKey }, appSigner }) => ({
        issuer: { seed: calloutSigner.seed, account: calloutAccount.publicKey },
        accounts: [{ name: 'APP', publicKey, keys: { seed: appSigner.seed, account: publicKey } }],
      }),
    });
    await connect(lane, server, present(ALICE));
    expect(await seenBy(server, 'alice')).toMatchObject({ account: app.publicKey });
  });

  it('a scoped signing key gives what its template says of the name and the tags', async () => {
    const { server, present } = await operatorMode(lane, {
      authorize: ({ credentials: { user = '' } }) =>
        user === 'alice'
          ? { name: 'alice', scope: 'own', tags: ['team:blue'] }
          : { name: 'bob', permissions: { publish: { allow: ['>'] }, subscribe: { allow: ['>'] } } },
      options: ({ app: { publicKey, seed }, appScoped }) => ({
        accounts: [{ name: 'APP', publicKey, keys: seed, scopes: { own: appScoped.seed } }],
      }),
    });
    const bob = await connect(lane, server, present(BOB));
    const heard: string[] = [];
    bob.subscribe('>', { callback: (_error, { subject }) => void heard.push(subject) });
    await bob.flush();
    const alice = await connect(lane, server, present(ALICE));
    const refused: string[] = [];
    for (const subject of ['alice.>', 'blue.>', 'bob.>'])
      alice.subscribe(subject, {
        callback: (error) => {
          if (error) refused.push(subject);
        },
      });
    alice.publish('alice.a');
    alice.publish('bob.a');
    await alice.flush();
    await eventually(() => refused.length > 0 && heard.length > 0, { what: 'what the template allows' });
    await bob.flush();
    expect(heard).toEqual(['alice.a']);
    expect(refused).toEqual(['bob.>']);
  });

  it.each(['newer', 'older'] as const)(
    'the account may be signed for by the %s of two keys',
    async (which) => {
      const { server, present } = await operatorMode(lane, {
        options: ({ app: { publicKey, seed }, appSigner }) => ({
          accounts: [
            {
              name: 'APP',
              publicKey,
              keys: which === 'newer' ? [appSigner.seed, seed] : [seed, appSigner.seed],
            },
          ],
        }),
      });
      await connect(lane, server, present(ALICE));
    },
  );

  it.each<[string, (keys: OperatorKeys) => Partial<CalloutOptions>, RegExp]>([
    [
      'a key that is none of the account',
      ({ app: { publicKey } }) => ({
        accounts: [{ name: 'APP', publicKey, keys: { seed: accountKeys().seed, account: publicKey } }],
      }),
      /issuer "A.*is not known.*'callout\.accounts'.*'keys'/,
    ],
    [
      'the key of an account that is not allowed',
      ({ system: { publicKey, seed } }) => ({ accounts: [{ name: 'APP', publicKey, keys: seed }] }),
      /not permitted.*'callout\.accounts'/,
    ],
  ])('an answer that was signed with %s is refused by the server, and told', async (_, options, reason) => {
    const { server, present, own, callout, ...place } = await operatorMode(lane, { options });
    await callout.stop();
    const listener = await RunningListener.start({
      ...{ lane, server, options: place.options, authorize: byPassword },
      getUserInfo: () => own,
    });
    expect(await refusal(lane, server, present(ALICE))).toMatch(VIOLATION);
    await eventually(() => listener.all('answerRefused').length > 0, { what: 'the refused answer' });
    const [refused] = listener.all('answerRefused');
    expect(refused?.error).toMatchObject({ code: 'ANSWER_REFUSED' });
    expect(refused?.error.message).toMatch(reason);
    expect(JSON.stringify(listener.told)).not.toContain('wonderland');
  });
});
