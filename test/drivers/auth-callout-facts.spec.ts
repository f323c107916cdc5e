import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { createCurve } from '@nats-io/nkeys';
import { connect as connectNats } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually, type NatsServer } from '../../libs/testing/index.js';
import { type AuthCalloutOptions, authCalloutConfig, startAuthCallout } from '../support/auth-callout.js';
import { RELEASE, serverForTest } from './servers.js';

const TIMEOUT_MS = 2_000;
/** Twice this is over the time-out; once leaves a slow machine 0.8 s. */
const MOST_OF_IT_MS = TIMEOUT_MS * 0.6;
const CONNECT = (user: string) =>
  `CONNECT {"verbose":false,"user":"${user}","pass":"hunter2-MARKED"}\r\nPING\r\n`;
const BARE = { user: 'callout', pass: 'callout-password' };

/** What auth-callout.md says of nats-server. 2.9 knows no callout. */
describe.skipIf(RELEASE === 'oldest')('a nats-server with an auth callout', () => {
  it('lets the callout take its time-out from CONNECT on, and calls a late one an Authorization Violation', async () => {
    const { server, callout } = await start({ delayMs: MOST_OF_IT_MS });
    const client = await dial(server);
    await client.pause(MOST_OF_IT_MS);
    client.say(CONNECT('svc'));
    // After 1.2 time-outs in all.
    await client.hears('PONG');
    await callout.stop();

    const slow = await start({ delayMs: TIMEOUT_MS * 2 });
    const late = await dial(slow.server);
    late.say(CONNECT('svc'));
    await late.hears(`-ERR 'Authorization Violation'`);
    expect(slow.callout.requests).toHaveLength(1);
  });

  it('calls it an Authentication Timeout when it was CONNECT that was late', async () => {
    const { server, callout } = await start();
    const client = await dial(server);
    await client.hears(`-ERR 'Authentication Timeout'`);
    expect(callout.requests).toEqual([]);
  });

  it('asks the callout about users of the system account as well', async () => {
    const { server, callout } = await start({
      decide: () => ({ deny: 'nobody' }),
      config: (text) =>
        text.replace('SYS {}', 'SYS { users: [ { user: admin, password: "hunter2-MARKED" } ] }'),
    });
    const admin = await dial(server);
    admin.say(CONNECT('admin'));
    await admin.hears(`-ERR 'Authorization Violation'`);
    expect(callout.requests).toMatchObject([{ connect_opts: { user: 'admin' } }]);
  });

  it.each([
    ['shows the password to every member of the callout account', '', true],
    ['shows it to none of them with an xkey', `xkey: ${createCurve().getPublicKey()},`, false],
  ])('%s', async (_, xkey, shown) => {
    const server = await serverForTest({
      config: authCalloutConfig()
        .replace('auth_callout { ', `auth_callout { ${xkey} `)
        .replace('auth_users: [ callout ]', 'auth_users: [ callout, snoop ]')
        .replace('AUTH { users: [ ', 'AUTH { users: [ { user: snoop, password: secret }, '),
    });
    const snoop = await connectNats({ servers: server.url, user: 'snoop', pass: 'secret' });
    onTestFinished(() => snoop.close());
    let heard: string | undefined;
    snoop.subscribe('$SYS.REQ.USER.AUTH', {
      callback: (_error, message) => {
        const [, claims = ''] = message.string().split('.');
        heard = Buffer.from(claims, 'base64url').toString();
      },
    });
    await snoop.flush();
    (await dial(server)).say(CONNECT('svc'));
    await eventually(() => heard !== undefined, { what: 'the request of the callout' });
    expect(heard?.includes('hunter2-MARKED')).toBe(shown);
  });

  it('with no_auth_user passes the callout by for a client that begins without CONNECT, or does not, by its version', async () => {
    const { server, callout } = await start({
      config: (text) =>
        `no_auth_user: guest\n${text.replace('APP {}', 'APP { users: [ { user: guest, password: guest } ] }')}`,
    });
    const client = await dial(server);
    client.say('SUB secrets.> 1\r\nPING\r\n');
    // It is let in either way, as the callout admits everybody.
    await client.hears('PONG');
    expect(callout.requests).toHaveLength(isMended(client.version) ? 1 : 0);
  });
});

/** From 2.12.14 and 2.14.4 on. */
function isMended(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => parseInt(part, 10));
  if (major !== 2) return major > 2;
  return minor > 14 || (minor === 14 && patch >= 4) || (minor === 12 && patch >= 14);
}

interface Start extends Partial<AuthCalloutOptions> {
  readonly config?: (text: string) => string;
}

async function start({ config = (text) => text, ...options }: Start = {}) {
  const text = authCalloutConfig().replace(
    'authorization {',
    `authorization { timeout: ${TIMEOUT_MS / 1_000},`,
  );
  const server = await serverForTest({ config: config(text) });
  const callout = await startAuthCallout(server, {
    decide: () => ({ allow: { account: 'APP', name: 'svc' } }),
    credentials: BARE,
    ...options,
  });
  onTestFinished(() => callout.stop());
  return { server, callout };
}

/** A client that says what the test does. */
async function dial(server: NatsServer) {
  const socket: Socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  let said = '';
  socket.on('data', (data: Buffer) => (said += data.toString()));
  await once(socket, 'connect');
  const hears = async (what: string) => {
    await eventually(() => said.includes(what), {
      what: `the server to say ${what}`,
    });
  };
  await hears('INFO');
  return {
    version: /"version":"([^"]+)"/.exec(said)?.[1] ?? '',
    say: (text: string) => void socket.write(text),
    hears,
    pause: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
