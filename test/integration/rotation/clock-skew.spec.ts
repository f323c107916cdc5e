import { Logger } from '@nestjs/common';
import { fromSeed } from '@nats-io/nkeys';
import { type NatsAuthEvents, type NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { createOperatorMode, type OperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { stepClock } from '../../support/step-clock.js';
import { serviceOf, startClient } from '../nest/app.js';

const trueTime = Date.now;
const A_MINUTE = 60_000;

describe.each([
  ['a minute ahead', A_MINUTE],
  ['right', 0],
  ['a minute behind', -A_MINUTE],
])('a client whose clock is %s', (_, offMs) => {
  it('moves to new JWTs ahead of their expiry, so that the server never ends a connection', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    stepClock(offMs);
    const client = await startClient({
      connection: { servers: server.url },
      refresh: { ahead: { fraction: 0.4 } },
      userInfoProvider: { getUserInfo: () => mint(operator, 4) },
    });
    const { rotations, rejections } = eventsOf(client);
    await client.connect();
    await eventually(() => rotations.length >= 3, { what: 'three rotations', timeoutMs: 20_000 });
    expect(rotations.map(({ outcome, trigger }) => `${outcome} ${trigger}`)).toEqual(
      Array(rotations.length).fill('success expiring'),
    );
    expect(rejections).toEqual([]);
  }, 30_000);
});

it('a session that ends far from the expiry that the provider named hints at the clocks, once', async () => {
  const operator = await createOperatorMode();
  const server = await serverForTest({ config: await operator.config() });
  const lines: string[] = [];
  const spy = vi.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void lines.push(String(line)));
  onTestFinished(() => spy.mockRestore());
  const options: NatsAuthModuleOptions = {
    connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    userInfoProvider: {
      getUserInfo: async () => ({ ...(await mint(operator, 1)), expiresAt: Date.now() + A_MINUTE }),
    },
  };
  const client = await startClient(options);
  const { rejections } = eventsOf(client);
  await client.connect();
  await eventually(() => rejections.filter(({ error }) => error.kind === 'expired').length >= 2, {
    what: 'two sessions to end',
    timeoutMs: 10_000,
  });
  expect(rejections.every(({ afterExpiryMs = 0 }) => afterExpiryMs < -A_MINUTE / 2)).toBe(true);
  expect(lines.filter((line) => /ended the connection as expired .* before .*clock/.test(line))).toHaveLength(
    1,
  );
}, 20_000);

function eventsOf(client: Parameters<typeof serviceOf>[0]) {
  const rotations: NatsAuthEvents['rotated'][] = [];
  const rejections: NatsAuthEvents['rejected'][] = [];
  serviceOf(client).on('rotated', (event) => rotations.push(event));
  serviceOf(client).on('rejected', (event) => rejections.push(event));
  return { rotations, rejections };
}

/** A user that lives for this long, issued by somebody whose clock is right. */
async function mint(operator: OperatorMode, lifetimeS: number): Promise<{ jwt: string; seed: string }> {
  const { jwt, seed } = await operator.mintUser();
  const [header = '', payload = ''] = jwt.split('.');
  const iat = Math.floor(trueTime() / 1_000);
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const timed = Buffer.from(JSON.stringify({ ...claims, iat, exp: iat + lifetimeS })).toString('base64url');
  const account = fromSeed(new TextEncoder().encode(operator.accountSeed));
  const signature = account.sign(new TextEncoder().encode(`${header}.${timed}`));
  return { jwt: `${header}.${timed}.${Buffer.from(signature).toString('base64url')}`, seed };
}
