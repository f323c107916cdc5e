import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { connect } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';

import { calloutServerConfig } from '../../../libs/callout/index.js';
import { accountKeys, curveKeys, userKeys } from '../../callout/harness/keys.js';
import { serverForTest } from '../../support/server-for-test.js';
import { Secrets } from '../harness/secrets.js';
import { Heap } from './snapshot.js';

const PRESENT: Record<string, (secret: string) => object> = {
  password: (pass) => ({ user: 'svc', pass }),
  token: (token) => ({ token }),
};

describe.each(Object.keys(PRESENT))('a %s that is presented to a callout', (kind) => {
  it('is in its heap while the client is looked at', async () => {
    const callout = await startCallout();
    const asked = callout.says();
    void callout.dial('held', PRESENT[kind]?.(callout.secrets.word(kind)) ?? {});
    await asked;
    const heap = await callout.heap();
    expect(callout.secrets.missingIn(heap.texts)).toEqual([]);
  });

  it('is gone from it once the client is admitted, refused, or the authorizer has failed', async () => {
    const callout = await startCallout();
    for (const name of ['admitted', 'refused', 'failing'])
      await callout.dial(name, PRESENT[kind]?.(callout.secrets.word(kind)) ?? {});
    const heap = await callout.heap();
    expect(heap.waysTo((text) => callout.secrets.in(text).length > 0)).toEqual([]);
  });
});

async function startCallout() {
  const folder = await mkdtemp(join(tmpdir(), 'nats-heap-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'heap.heapsnapshot');
  const [issuer, curve, own] = [accountKeys(), curveKeys(), userKeys()];
  const server = await serverForTest({
    config: calloutServerConfig({
      issuer: issuer.publicKey,
      xkey: curve.publicKey,
      users: [{ nkey: own.publicKey }],
      accounts: ['APP'],
      timeout: 30_000,
    }),
  });
  const argument = {
    servers: server.url,
    user: { seed: own.seed, nkey: own.publicKey },
    callout: { issuer: issuer.seed, xkey: curve.seed, accounts: ['APP'], timeout: 30_000 },
    path,
  };
  const script = fileURLToPath(new URL('callout.mjs', import.meta.url));
  const execArgv = ['--expose-gc', '--heap-snapshot-string-limit=1000000'];
  const child = fork(script, [JSON.stringify(argument)], { execArgv });
  onTestFinished(() => void child.kill());
  await once(child, 'message');
  return {
    secrets: new Secrets(),
    /** The next that its process says. */
    says: () => once(child, 'message'),
    /** Connects as far as the callout lets it. */
    dial: async (name: string, credentials: object) => {
      const client = await connect({ servers: server.url, name, reconnect: false, ...credentials }).catch(
        () => undefined,
      );
      await client?.close();
    },
    heap: async () => {
      const written = once(child, 'message');
      child.send('now');
      await written;
      return new Heap(await readFile(path, 'utf8'));
    },
  };
}
