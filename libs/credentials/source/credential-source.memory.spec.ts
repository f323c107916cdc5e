import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, it, vi } from 'vitest';

import { Emitter } from '../../base/index.js';
import type { CredentialEvents } from './events.js';
import { CredentialSource } from './credential-source.js';
import { refreshSettings } from './options.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Waits until exactly these are still in memory. */
async function expectInMemory(userInfo: readonly WeakRef<object>[], expected: readonly boolean[]) {
  const look = () => {
    collectGarbage();
    expect(userInfo.map((ref) => ref.deref() !== undefined)).toEqual(expected);
  };
  await vi.waitFor(look, { timeout: 20_000 });
}

it('keeps nothing but the newest user info in memory, and nothing after the close', async () => {
  const rejection = { initialDelay: 1, maxDelay: 1, factor: 1 };
  const refresh = refreshSettings();
  const expiries = [Date.now() + 3_600_000, Date.now() + 3_600_000, undefined];
  const provider = { getUserInfo: () => ({ token: 'token', expiresAt: expiries.shift() }) };
  const events = new Emitter<CredentialEvents>();
  const source = new CredentialSource({ connection: 'memory', provider, refresh, rejection, events });
  const hold = source.hold();
  const connect = async () => {
    const userInfo = await source.resolve({ role: 'client', reason: 'reconnect', firstConnect: false });
    source.report(userInfo, 'accepted');
    hold.use(userInfo);
    return new WeakRef(userInfo);
  };
  const userInfo = [await connect(), new WeakRef(await source.refresh()), await connect()];
  await expectInMemory(userInfo, [false, false, true]);
  source.close();
  await expectInMemory(userInfo, [false, false, false]);
});
