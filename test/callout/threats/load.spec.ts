import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { eventually, type NatsServer } from '../../../libs/testing/index.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB, configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

const HERD = 2_000;
/** Ample on a machine that is busy with other things. */
const HERD_TIMEOUT_MS = 20_000;

describe.each(LANES)('$label: a herd', (lane) => {
  it(`of ${HERD} clients that come at once is admitted at the first try, each asked about once`, async () => {
    const { server, callout } = await configMode(lane, { server: { timeout: HERD_TIMEOUT_MS } });
    expect(await herd(server, HERD)).toBe(HERD);
    expect(callout.asked).toHaveLength(HERD);
    expect(new Set(callout.asked.map(({ userNkey }) => userNkey)).size).toBe(HERD);
    expect(callout.all('admitted')).toHaveLength(HERD);
    expect(Math.max(...callout.all('load').map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(64);
  });
});

describe.each(LANES)('$label: a request', (lane) => {
  const answersOf = async (times: number) => {
    const { server, run, callout } = await configMode(lane, { server: { timeout: 1_000 } });
    await callout.stop();
    return { server, callout: await run({ answers: times }) };
  };

  it('is answered once, and the server goes on asking', async () => {
    const { server } = await answersOf(1);
    for (let time = 0; time < 12; time++) await connect(lane, server, ALICE);
  });

  it('that is answered again and again has the server listen to that callout no more', async () => {
    const { server } = await answersOf(12);
    const refused = await eventually(() => refusal(lane, server, ALICE).catch(() => undefined), {
      what: 'a refusal',
      timeoutMs: 20_000,
    });
    expect(refused).toMatch(VIOLATION);
  });
});

describe.each(LANES)('$label: an instance that ends', (lane) => {
  const slow = async ({ credentials: { user = '' } }: { credentials: { user?: string } }) => {
    await later(300);
    return { name: user };
  };

  it('in order admits first whom it is looking at', async () => {
    const { server, callout } = await configMode(lane, { authorize: slow });
    const client = connect(lane, server, ALICE);
    await eventually(() => callout.asked.length === 1, { what: 'the request' });
    await callout.stop();
    await client;
  });

  it('by a crash costs the clients that it was looking at their first try, and no other', async () => {
    const { server, callout, run } = await configMode(lane, { authorize: slow, server: { timeout: 1_000 } });
    const client = refusal(lane, server, ALICE);
    await eventually(() => callout.asked.length === 1, { what: 'the request' });
    const [other] = await Promise.all([run(), callout.crash()]);
    await connect(lane, server, BOB);
    expect(await client).toMatch(VIOLATION);
    expect(other.asked).toHaveLength(1);
    await connect(lane, server, ALICE);
  });
});

async function herd(server: NatsServer, clients: number): Promise<number> {
  const script = fileURLToPath(new URL('../harness/herd.mjs', import.meta.url));
  const child = fork(script, [String(server.port), String(clients)]);
  const [{ admitted }] = (await once(child, 'message')) as [{ admitted: number }];
  return admitted;
}
