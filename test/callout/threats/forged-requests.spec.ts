import { beforeEach, describe, expect, it } from 'vitest';

import { CALLOUT_SUBJECT, type CalloutOptions, type RequestProblem } from '../../../libs/callout/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { connect, type Message } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import {
  type Claims,
  claimsOf,
  hmacJwt,
  ofOwnServer,
  ownServerKey,
  signed,
  unsignedJwt,
} from '../harness/forge.js';
import { userKeys } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';

const MALLORY = { user: 'mallory', password: 'in-the-account-of-the-callout' };
/** A way past the server, which lets no client publish the subject itself, nor map to it. */
const DETOUR = 'detour';
const INBOX = '$SYS._INBOX.mallory.1';
const ownKey = ownServerKey();
const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;

describe.each(LANES)('$label: a forged request', (lane) => {
  /** A callout with somebody else in its account, who has heard a genuine request. */
  const withMallory = async (options: Partial<CalloutOptions> = {}) => {
    const own = userKeys();
    const place = await configMode(lane, {
      ...options,
      own,
      sealed: false,
      server: { users: [{ nkey: own.publicKey }, MALLORY] },
    });
    const { server, callout } = place;
    await callout.hearAlso(DETOUR);
    const mallory = await connect(lane, server, { user: MALLORY.user, pass: MALLORY.password });
    const overheard: Message[] = [];
    mallory.subscribe(CALLOUT_SUBJECT, { callback: (_error, message) => void overheard.push(message) });
    await mallory.flush();
    await connect(lane, server, ALICE);
    await callout.until('admitted');
    const request = await eventually(() => overheard[0], { what: 'the request' });
    const answers: Message[] = [];
    for (const subject of ['_INBOX.>', INBOX])
      mallory.subscribe(subject, { callback: (_error, message) => void answers.push(message) });
    await mallory.flush();
    const forge = (data: Uint8Array | string, reply = INBOX) => mallory.publish(DETOUR, data, { reply });
    return { ...place, mallory, forge, request, claims: claimsOf(request), answers };
  };
  type Place = Awaited<ReturnType<typeof withMallory>>;

  describe('of somebody in the account of the callout', () => {
    let place: Place;
    beforeEach(async () => {
      place = await withMallory();
    });

    /** All in order but for one thing, and signed by a server that is none. */
    const but =
      (change: Partial<Claims>) =>
      ({ claims }: Place) => {
        const { nats, ...own } = ofOwnServer(claims, ownKey);
        return signed({ ...own, ...change, nats: { ...nats, ...change.nats } }, ownKey);
      };

    it.each<[string, RequestProblem, (place: Place) => Uint8Array | string, string?]>([
      ['that has come before', 'repeated', ({ request }) => request.data],
      ['whose answer would go to its sender', 'reply', ({ request }) => request.data, '_INBOX.mallory'],
      ['of the server, signed by another', 'signature', ({ claims }) => signed(claims, ownKey)],
      [
        'of one server for another',
        'issuer',
        ({ claims }) => signed({ ...claims, iss: ownKey.getPublicKey() }, ownKey),
      ],
      ['of another kind', 'version', but({ nats: { type: 'authorization_response' } as never })],
      ['for another audience', 'audience', but({ aud: 'others' })],
      ['for another account', 'subject', but({ sub: 'A'.repeat(56) })],
      ['of version 1', 'version', but({ nats: { version: 1 } as never })],
      ['that has expired', 'expired', but({ iat: hourAgo, exp: hourAgo + 2 })],
      ['without a signature', 'malformed', ({ claims }) => unsignedJwt(claims)],
      [
        'signed with what everybody knows',
        'malformed',
        ({ claims }) => hmacJwt(claims, String(claims['iss'])),
      ],
      ['that is rubbish', 'malformed', () => 'rubbish'],
      ['that is empty', 'malformed', () => ''],
      ['of 100 KB', 'oversized', () => 'x'.repeat(100_000)],
    ])('%s is not answered, and the authorizer not asked: %s', async (_, problem, make, reply) => {
      const { callout, answers, mallory, server, forge } = place;
      forge(make(place), reply);
      expect((await callout.until('discarded')).problem).toBe(problem);
      await connect(lane, server, { ...ALICE, name: 'later' });
      await mallory.flush();
      expect(answers).toEqual([]);
      expect(callout.asked).toHaveLength(2);
    });
  });

  it('is kept from the callout by the server, wherever a client publishes it itself', async () => {
    const { mallory, request, callout } = await withMallory();
    mallory.publish(CALLOUT_SUBJECT, request.data, { reply: INBOX });
    await mallory.flush();
    await callout.connection.flush();
    expect(callout.messages).toHaveLength(1);
  });

  it('of a server that its sender has made up is answered, unless the callout knows its servers', async () => {
    const open = await withMallory();
    open.forge(signed(ofOwnServer(open.claims, ownKey), ownKey));
    await open.callout.until('admitted', 2);
    await eventually(() => open.answers.length === 1, { what: 'the answer' });

    await open.callout.stop();
    const id = String(open.claims.nats.server_id['id']);
    for (const servers of [[id], (server: { id: string }) => server.id === id]) {
      const strict = await open.run({ servers });
      await strict.hearAlso(DETOUR);
      open.forge(signed(ofOwnServer(open.claims, ownKey), ownKey));
      expect((await strict.until('discarded')).problem).toBe('untrusted');
      await connect(lane, open.server, ALICE);
      await strict.stop();
    }
    expect(open.answers).toHaveLength(1);
  });

  it('of another account, which imports the subject, is not answered', async () => {
    const { server, callout } = await configMode(lane, {
      sealed: false,
      server: { accounts: ['APP', { name: 'EVIL', config: IMPORTS }] },
      config: (text) =>
        text
          .replace('"AUTH" {', `"AUTH" { exports: [ { service: "${CALLOUT_SUBJECT}" } ], `)
          .replace('auth_users: [ ', 'auth_users: [ mallory, '),
    });
    const mallory = await connect(lane, server, { user: MALLORY.user, pass: MALLORY.password });
    await connect(lane, server, ALICE);
    await callout.until('admitted');
    const [request] = callout.messages;
    const claims = ofOwnServer(claimsOf(request as Message), ownKey);
    const answer = mallory.request(DETOUR, signed(claims, ownKey), { timeout: 1_000 });
    await expect(answer).rejects.toThrow();
    expect((await callout.until('discarded')).problem).toBe('reply');
  });
});

const IMPORTS = `imports: [ { service: { account: AUTH, subject: "${CALLOUT_SUBJECT}" }, to: ${DETOUR} } ], users: [ { user: mallory, password: "${MALLORY.password}" } ]`;
