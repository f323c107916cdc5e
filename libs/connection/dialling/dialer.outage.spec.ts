import { describe, expect, it } from 'vitest';

import { Emitter, VirtualClock } from '../../base/index.js';
import {
  CredentialSource,
  refreshSettings,
  type UserInfo,
  type UserInfoRequest,
} from '../../credentials/index.js';
import type { Driver } from '../drivers/driver.js';
import type { NatsAuthEvents } from '../events.js';
import { rejectionSettings } from '../options.js';
import { Dialer, type DialFailure } from './dialer.js';
import { Outage } from './outage.js';
import { ReconnectPace } from './reconnect-pace.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

// A token is presented as it is: nothing of a driver is needed for it.
const driver = { useNodeTransport: () => {} } as unknown as Driver;
const pool = {
  getServers: () => [{ gossiped: false, toString: () => 'nats-1:4222' }],
  addServer: () => {},
  removeServer: () => {},
};

interface Setup {
  /** 0.4 unless told: the provider is called six seconds after a loss. */
  random?: () => number;
  provide?: (request: UserInfoRequest, call: number) => UserInfo;
}

/** Connections of one registration, and their server, which may be away. */
function setUp({ random = () => 0.4, provide = (_, n) => ({ token: `t-${n}` }) }: Setup = {}) {
  const clock = new VirtualClock();
  const startedAt = clock.now();
  const calls: { at: number; request: UserInfoRequest }[] = [];
  const events = new Emitter<NatsAuthEvents>();
  const reused: string[] = [];
  events.on('reused', ({ kind }) => reused.push(kind));
  const server = { away: false, accepts: (_token: string | undefined): boolean => true, knocks: 0 };
  const rejection = rejectionSettings({ initialDelay: 1 });
  const source = new CredentialSource({
    connection: 'orders',
    provider: {
      getUserInfo: (request) => {
        calls.push({ at: (clock.now() - startedAt) / SECOND, request });
        return provide(request, calls.length);
      },
    },
    refresh: refreshSettings({ ahead: false }),
    rejection,
    events,
    clock,
    random,
  });
  const connect = (role: 'server' | 'client' = 'server') => {
    const outage = new Outage(clock);
    const failed: DialFailure[] = [];
    const accepted: { at: number; token?: string }[] = [];
    const closing = new AbortController();
    const refused = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const dialer = new Dialer({
      role,
      driver,
      source,
      rejection,
      clock,
      random,
      pace: new ReconnectPace({}, clock, () => 0),
      waits: true,
      firstReason: 'connect',
      signal: closing.signal,
      outage: () => outage,
      onRejected: () => {},
      onFailed: (failure) => failed.push(failure),
      knock: async () => {
        server.knocks++;
        if (server.away) await refused();
      },
    });
    const attempt = async () => {
      if (server.away) return refused();
      const fields = await dialer.answer(() => undefined);
      if (!server.accepts(fields.auth_token)) throw dialer.refusal(`'Authorization Violation'`, fields);
      presented = fields.auth_token;
      return undefined;
    };
    let presented: string | undefined;
    const name = 'nats-1:4222';
    const dial = () =>
      dialer.dialServer(name, pool, async () => {
        await dialer.dial(name, pool, attempt);
      });
    const run = async () => {
      while (!closing.signal.aborted) {
        try {
          await dial();
        } catch {
          // As nats.js does it: the next one follows when the pace allows it.
          continue;
        }
        outage.end();
        accepted.push({ at: (clock.now() - startedAt) / SECOND, token: presented });
        return;
      }
    };
    const lose = () => {
      outage.begin();
      dialer.lost();
      void run();
    };
    const close = () => {
      closing.abort(new Error('closed'));
      dialer.forget();
    };
    return { dialer, run, lose, failed, accepted, close };
  };
  return { clock, server, source, calls, reused, connect };
}

/** A connection that is there, and is lost when the server goes. */
async function connected(setup: Setup = {}) {
  const all = setUp(setup);
  const connection = all.connect();
  await connection.run();
  const goesAway = () => {
    all.server.away = true;
    connection.lose();
  };
  const isBack = async (forMs = 5 * SECOND) => {
    all.server.away = false;
    await all.clock.advance(forMs);
  };
  return { ...all, ...connection, goesAway, isBack };
}

describe('while no server answers', () => {
  it('the provider is called once, at a moment of chance, and the server sees what it gave', async () => {
    const { clock, calls, goesAway, isBack, accepted, failed, reused } = await connected();
    goesAway();
    await clock.advance(5_999);
    expect(calls).toHaveLength(1);
    await clock.advance(HOUR - 5_999);
    expect(calls.map(({ at }) => at)).toEqual([0, 6]);
    expect(calls[1]?.request).toMatchObject({ reason: 'reconnect', attempt: 1 });
    await isBack();
    expect(calls).toHaveLength(2);
    expect(accepted.map(({ token }) => token)).toEqual(['t-1', 't-2']);
    expect(reused).toEqual([]);
    expect(clock.pending).toBe(0);
    // Each dial in vain is told, whether it had something to present or not.
    expect(failed.length).toBeGreaterThan(1_700);
    expect(failed.map(({ attempt }) => attempt)).toEqual(failed.map((_, i) => i + 1));
    expect(failed.every(({ error }) => error.code === 'SERVER_UNREACHABLE')).toBe(true);
  });

  it('a server that is back before that moment is presented something fresh, at once after a short outage', async () => {
    const { clock, calls, goesAway, isBack, accepted } = await connected();
    goesAway();
    await clock.advance(900);
    await isBack();
    expect(calls.map(({ at }) => at)).toEqual([0, 2]);
    expect(accepted.map(({ at }) => at)).toEqual([0, 2]);
    await clock.advance(HOUR);
    expect(calls).toHaveLength(2);
  });

  it('and one that is back after a longer one within two seconds', async () => {
    const { clock, calls, goesAway, isBack, accepted } = await connected({ random: () => 0.9 });
    goesAway();
    await clock.advance(9 * SECOND);
    await isBack();
    expect(calls.map(({ at }) => at)).toEqual([0, 11.8]);
    expect(accepted.map(({ token }) => token)).toEqual(['t-1', 't-2']);
  });

  it.each([
    ['rejects what was fetched meanwhile', HOUR, [0, 6, 62], 't-3'],
    ['finds too little left of its lifetime', 59 * SECOND, [0, 6, 60.8], 't-3'],
  ])('the provider is asked anew when the server %s', async (_, lifetimeMs, calledAt, seen) => {
    const setup: Setup = {
      provide: (__, n) => ({ token: `t-${n}`, expiresAt: Date.UTC(2030, 0, 1) + 6 * SECOND + lifetimeMs }),
    };
    const { clock, calls, server, goesAway, isBack, accepted } = await connected(setup);
    goesAway();
    await clock.advance(59 * SECOND);
    if (lifetimeMs === HOUR) server.accepts = (token) => token === 't-3';
    await isBack();
    expect(calls.map(({ at }) => Math.round(at * 10) / 10)).toEqual(calledAt);
    expect(calls[2]?.request.reason).toBe(lifetimeMs === HOUR ? 'rejected' : 'reconnect');
    expect(accepted.at(-1)?.token).toBe(seen);
  });

  it('what is newer takes the place of what was fetched', async () => {
    const { clock, calls, source, goesAway, isBack, accepted } = await connected();
    goesAway();
    await clock.advance(20 * SECOND);
    await source.refresh();
    await isBack();
    expect(calls).toHaveLength(3);
    expect(accepted.at(-1)?.token).toBe('t-3');
  });

  it('server and client of a registration share the call, though one is back after the other', async () => {
    const all = await connected();
    const client = all.connect('client');
    await client.run();
    expect(all.calls).toHaveLength(2);
    all.goesAway();
    client.lose();
    await all.clock.advance(20 * SECOND);
    await all.isBack();
    expect([all.accepted.at(-1)?.token, client.accepted.at(-1)?.token]).toEqual(['t-3', 't-3']);
    expect(all.calls).toHaveLength(3);
    expect(all.reused).toEqual(['shared']);
    // The next loss is another one.
    all.goesAway();
    await all.clock.advance(20 * SECOND);
    await all.isBack();
    expect(all.accepted.at(-1)?.token).toBe('t-4');
  });

  it('what was in use before is not presented again because the provider fails', async () => {
    let down = false;
    const provide: Setup['provide'] = (_, n) => {
      if (down) throw new Error('provider down');
      return { token: `t-${n}`, expiresAt: Date.UTC(2030, 0, 1) + HOUR };
    };
    const { clock, goesAway, isBack, accepted, reused } = await connected({ provide });
    goesAway();
    down = true;
    await clock.advance(60 * SECOND);
    down = false;
    await clock.advance(30 * SECOND);
    await isBack();
    expect(accepted.at(-1)?.token).not.toBe('t-1');
    goesAway();
    down = true;
    await clock.advance(60 * SECOND);
    await isBack();
    // Still valid, and the only thing there is.
    expect(reused.at(-1)).toBe('stale');
    expect(accepted).toHaveLength(3);
  });

  it('nothing is left running when it is closed', async () => {
    const { clock, calls, goesAway, close } = await connected();
    goesAway();
    await clock.advance(SECOND);
    close();
    await clock.advance(10 * SECOND);
    expect(calls).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe('a connection that is dropped for user info that has been refreshed', () => {
  async function dropped() {
    const all = await connected();
    all.dialer.presentNext(await all.source.refresh());
    all.goesAway();
    return all;
  }

  it('presents that, whenever its server is back, and nobody asks the provider again', async () => {
    const { clock, calls, isBack, accepted, reused } = await dropped();
    await clock.advance(HOUR);
    await isBack();
    expect(calls).toHaveLength(2);
    expect(accepted.map(({ token }) => token)).toEqual(['t-1', 't-2']);
    expect(reused).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('asks the provider when a server has received that, and did not accept', async () => {
    const { clock, calls, server, isBack, accepted } = await dropped();
    server.accepts = (token) => token !== 't-2';
    await clock.advance(HOUR);
    await isBack();
    expect(calls.map(({ request }) => request.reason)).toEqual(['connect', 'manual', 'rejected']);
    expect(accepted.at(-1)?.token).toBe('t-3');
  });
});

describe('a connection that is lost while its server answers', () => {
  it('is back at once, with user info of its own', async () => {
    const { clock, calls, server, lose, accepted } = await connected();
    lose();
    await clock.advance(2 * SECOND);
    expect(accepted.map(({ token }) => token)).toEqual(['t-1', 't-2']);
    expect(calls).toHaveLength(2);
    expect(server.knocks).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

it('before the first connect, what was never sent is presented to the server when it is there', async () => {
  const { clock, calls, server, connect } = setUp();
  const { run, accepted } = connect();
  server.away = true;
  void run();
  await clock.advance(HOUR);
  expect(calls).toHaveLength(1);
  server.away = false;
  await clock.advance(5 * SECOND);
  expect(accepted.map(({ token }) => token)).toEqual(['t-1']);
});
