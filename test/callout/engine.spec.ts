import {
  type Authenticator,
  connect,
  type ConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { createAccount, createCurve, createUser, type KeyPair } from '@nats-io/nkeys';
import { describe, expect, it, onTestFinished } from 'vitest';

import { Emitter } from '../../libs/base/index.js';
import {
  type Authorizer,
  Callout,
  CALLOUT_SUBJECT,
  type CalloutCredentials,
  type CalloutEvents,
  type CalloutOptions,
  type CalloutRequest,
  calloutServerConfig,
  calloutSettings,
} from '../../libs/callout/index.js';
import { eventually, startNatsServer } from '../../libs/testing/index.js';

const RELEASES = ['default', 'newest'] as const;

describe.each(RELEASES)('a callout on a connection of nats.js, nats-server %s', (release) => {
  it.each([
    ['in the open', false],
    ['sealed', true],
  ])('lets clients in and keeps them out, with requests %s', async (_, isSealed) => {
    const { url, ends } = await running({ release, isSealed, authorize: onlyAlice });
    const client = await clientOf(url, { user: 'alice', pass: 'right', name: 'shop' });
    await client.flush();
    await expect(clientOf(url, { user: 'alice', pass: 'wrong' })).rejects.toThrow(/Authorization Violation/i);
    await eventually(() => ends.length === 2);
    expect(ends).toMatchObject([
      { event: 'admitted', client: 'shop', host: '127.0.0.1', name: 'alice', account: 'APP' },
      { event: 'refused', reason: 'credentials', client: 'alice' },
    ]);
  });

  it('shows a token as a token, and as nothing else', async () => {
    const { url, seen, requests, ends } = await running({ release });
    await clientOf(url, { token: 'hunter2-MARKED' });
    expect(seen).toEqual([{ token: 'hunter2-MARKED', user: undefined, proven: undefined }]);
    await eventually(() => ends.length === 1);
    expect(JSON.stringify([requests, ends])).not.toContain('MARKED');
  });

  it('knows a proven nkey from one that anybody can name', async () => {
    const { url, seen } = await running({ release });
    const [own, other] = [createUser(), createUser()];
    await clientOf(url, { authenticator: nkeyAuthenticator(own.getSeed()) });
    const sign = nkeyAuthenticator(own.getSeed());
    const thief = ((nonce) => ({ ...sign(nonce), nkey: other.getPublicKey() })) as Authenticator;
    await clientOf(url, { authenticator: thief });
    expect(seen.map(({ proven }) => proven)).toEqual([true, false]);
  });

  it('answers a server that waits half a second', async () => {
    const { url, ends } = await running({ release, timeout: 500 });
    for (let i = 0; i < 10; i++) await (await clientOf(url, { user: `${i}`, pass: 'any' })).close();
    await eventually(() => ends.length === 10);
    expect(ends.every(({ event }) => event === 'admitted')).toBe(true);
  });
});

const onlyAlice: Authorizer['authorize'] = ({ credentials: { user = '', pass } }) => {
  if (user !== 'alice' || pass !== 'right') throw Object.assign(new Error('no'), { code: 'REFUSED' });
  return { name: user };
};

interface Setup {
  readonly release: (typeof RELEASES)[number];
  readonly isSealed?: boolean;
  readonly authorize?: Authorizer['authorize'];
  /** Of the server. */
  readonly timeout?: number;
}

/** A server and its callout, and what that has seen. */
async function running({
  release,
  isSealed = false,
  authorize = () => ({ name: 'any' }),
  timeout = 2_000,
}: Setup) {
  const [issuer, own, curve] = [createAccount(), createUser(), createCurve()];
  const config = calloutServerConfig({
    ...{ issuer: issuer.getPublicKey(), users: [{ nkey: own.getPublicKey() }], accounts: ['APP'], timeout },
    ...(isSealed && { xkey: curve.getPublicKey() }),
  });
  const server = await startNatsServer({ release, config });
  onTestFinished(() => server.stop());
  const options: CalloutOptions = {
    issuer: seedOf(issuer),
    accounts: ['APP'],
    ...(isSealed && { xkey: seedOf(curve) }),
  };
  const requests: CalloutRequest[] = [];
  const seen: (Pick<CalloutCredentials, 'token' | 'user'> & { readonly proven?: boolean })[] = [];
  const ends: ({ readonly event: string } & object)[] = [];
  const events = new Emitter<CalloutEvents>();
  for (const event of ['admitted', 'refused', 'failed', 'discarded'] as const)
    events.on(event, (payload) => ends.push({ event, ...payload }));
  const settings = await calloutSettings(options);
  const callout = new Callout({
    ...{ connection: 'callout', settings, events },
    authorizer: {
      authorize: (request, context) => {
        const { token, user, nkey } = request.credentials;
        requests.push(request);
        seen.push({ token, user, proven: nkey?.proven });
        return authorize(request, context);
      },
    },
  });
  const connection = await connect({ servers: server.url, authenticator: nkeyAuthenticator(own.getSeed()) });
  onTestFinished(async () => {
    await callout.finish(1_000);
    await connection.close();
  });
  connection.subscribe(CALLOUT_SUBJECT, {
    queue: settings.queue,
    callback: (_error, message) =>
      void callout.receive({
        ...{ data: message.data, reply: message.reply, serverXkey: message.headers?.get('Nats-Server-Xkey') },
        respond: (answer) => void message.respond(answer),
      }),
  });
  await connection.flush();
  return { url: server.url, requests, seen, ends };
}

async function clientOf(servers: string, options: ConnectionOptions) {
  const client = await connect({ servers, reconnect: false, ...options });
  onTestFinished(() => client.close());
  return client;
}

function seedOf(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}
