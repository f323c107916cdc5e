import { describe, expect, it } from 'vitest';

import { RejectedError, type RejectionOptions, SigningFailedError } from '../../../libs/connection/index.js';
import type { UserInfo } from '../../../libs/credentials/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { DRIVERS, type PlainConnection } from '../../drivers/drivers.js';
import { Peer, roundTrip } from '../../drivers/peer.js';
import { serverForTest } from '../../drivers/servers.js';
import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import { createOperatorMode } from '../../support/operator-mode.js';
import { Kms } from './kms.js';

type Sign = NonNullable<UserInfo['sign']>;

/** A server that waits a second for `CONNECT`, and user info that is nothing without a signer. */
interface Stage {
  readonly config: string;
  readonly seed: string;
  readonly userInfo: (sign: Sign) => UserInfo;
}

const MODES: readonly { mode: string; prepare: () => Promise<Stage> }[] = [
  {
    mode: 'a JWT',
    prepare: async () => {
      const operator = await createOperatorMode();
      const { jwt, seed } = await operator.mintUser();
      const config = `${await operator.config()}authorization { timeout: 1 }\n`;
      return { config, seed, userInfo: (sign) => ({ jwt, sign }) };
    },
  },
  {
    mode: 'an NKey',
    prepare: () => {
      const { publicKey: nkey, seed } = createNkeyUser();
      const config = nkeyConfig([{ publicKey: nkey, seed }]).replace('{', '{ timeout: 1,');
      return Promise.resolve({ config, seed, userInfo: (sign) => ({ nkey, sign }) });
    },
  },
];

const CASES = DRIVERS.flatMap((tested) => MODES.map((mode) => ({ ...mode, tested, label: tested.label })));

describe.each(CASES)('$mode and a signer, $label', ({ tested, prepare }) => {
  async function setUp(sign?: (kms: Kms) => unknown, rejection: RejectionOptions = { maxOnConnect: 2 }) {
    const { config, seed, userInfo } = await prepare();
    const server = await serverForTest({ config });
    const kms = new Kms(seed);
    const signer = (sign?.(kms) ?? kms.sign) as Sign;
    const peer = new Peer(tested, {
      provide: () => userInfo(signer),
      options: { servers: server.url, reconnectTimeWait: 20 },
      rejection,
    });
    return { server, kms, peer };
  }

  const failureOf = (peer: Peer): Promise<unknown> => peer.open().catch((error: unknown) => error);

  it('connects with a signature from elsewhere, and with a new one on each reconnect', async () => {
    const { server, kms, peer } = await setUp();
    const nc = await peer.open();
    await roundTrip(nc);
    await server.kill();
    await server.restart();
    await peer.until('connected', 2);
    await roundTrip(nc);
    const nonces = kms.signed.map((nonce) => Buffer.from(nonce).toString());
    expect(new Set(nonces).size).toBe(nonces.length);
    expect(peer.all('rejected')).toEqual([]);
  });

  it('connects when the signer is slow, but not slower than the server waits', async () => {
    const { kms, peer } = await setUp();
    kms.latencyMs = 300;
    await roundTrip(await peer.open());
    expect(peer.all('rejected')).toEqual([]);
  });

  it('fails clearly when the signer is slower than the server waits', async () => {
    const { kms, peer } = await setUp();
    kms.latencyMs = 3_000;
    const error = await failureOf(peer);
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ kind: 'timeout', serverMessage: 'Authentication Timeout' });
    expect((error as Error).message).toMatch(
      /The signer \('sign'\) had not answered after \d{3,4} ms; the server's 'auth_timeout' is 2 s by default.*make the signer faster.*or raise that limit/,
    );
    expect(kms.signed).toHaveLength(2);
  });

  it('comes back by itself once a signer that was too slow is fast again', async () => {
    const { server, kms, peer } = await setUp();
    const nc = await peer.open();
    kms.latencyMs = 3_000;
    await server.kill();
    await server.restart();
    await peer.until('rejected', 1);
    expect(peer.all('rejected')[0]?.error.message).toContain('The signer');
    kms.latencyMs = 0;
    await peer.until('connected', 2);
    await roundTrip(nc);
  });

  it('asks again when the signer fails, and fails with its error in the end', async () => {
    const { kms, peer } = await setUp(undefined, { maxOnConnect: 3 });
    kms.failure = new Error('KMS is down');
    const error = await failureOf(peer);
    expect(error).toBeInstanceOf(SigningFailedError);
    expect(error).toMatchObject({ code: 'SIGNING_FAILED', cause: kms.failure });
    expect((error as Error).message).toBe('The signer of the user info failed: KMS is down');
    expect(kms.signed).toHaveLength(3);
    expect(peer.all('rejected')).toEqual([]);
  });

  it('asks once when the signer says that a retry is pointless', async () => {
    const { kms, peer } = await setUp();
    kms.failure = Object.assign(new Error('no such key'), { retryable: false });
    expect(await failureOf(peer)).toMatchObject({ cause: kms.failure });
    expect(kms.signed).toHaveLength(1);
  });

  it('connects once a signer that failed works again, first and later', async () => {
    const { server, kms, peer } = await setUp(undefined, { maxOnConnect: 1_000 });
    const failSome = async (begin: () => unknown) => {
      const before = kms.signed.length;
      kms.failure = new Error('KMS is down');
      await begin();
      await eventually(() => kms.signed.length >= before + 2, { what: 'two failures' });
      kms.failure = undefined;
    };
    const first: { nc?: Promise<PlainConnection> } = {};
    await failSome(() => {
      first.nc = peer.open();
    });
    const nc = await first.nc;
    if (!nc) throw new Error('it was opened');
    await failSome(async () => {
      await server.kill();
      await server.restart();
    });
    await peer.until('connected', 2);
    await roundTrip(nc);
  });

  it('is rejected with the signature of another key', async () => {
    const { peer } = await setUp(() => new Kms(createNkeyUser().seed).sign);
    expect(await failureOf(peer)).toMatchObject({ code: 'REJECTED', kind: 'violation' });
  });

  it.each<[string, unknown, RegExp]>([
    ['base64', Buffer.alloc(64).toString('base64'), /got a string of 88 characters/],
    ['too few bytes', new Uint8Array(32), /got 32 bytes/],
    ['nothing', undefined, /got undefined/],
  ])('fails clearly when the signer returns %s', async (_name, rubbish, got) => {
    const { server, peer } = await setUp(() => () => Promise.resolve(rubbish));
    const error = await failureOf(peer);
    expect(error).toMatchObject({
      code: 'SIGNING_FAILED',
      cause: { code: 'USER_INFO_INVALID', field: 'sign' },
    });
    expect((error as Error).message).toMatch(/expected the raw Ed25519 signature of the nonce/);
    expect((error as Error).message).toMatch(got);
    await eventually(async () => (await server.connections()).length === 0, { what: 'no socket to be left' });
  });
});
