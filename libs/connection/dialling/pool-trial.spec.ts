import { describe, expect, it } from 'vitest';

import { type CredentialSource, ResolvedUserInfo } from '../../credentials/index.js';
import { VirtualClock } from '../../base/index.js';
import {
  ConnectRefusedError,
  RejectedError,
  SigningFailedError,
  SuspectedRejectionError,
} from '../errors.js';
import type { ServerPoolInternals } from '../drivers/internals.js';
import { PoolTrial } from './pool-trial.js';

type Outcome = Parameters<CredentialSource['report']>[1];

const no = () => new RejectedError('violation', 'Authorization Violation');
const silent = () => new SuspectedRejectionError(100);
const down = () => new Error('connection refused');
const full = () => new ConnectRefusedError('maximum connections exceeded', 100);
const signer = () => new SigningFailedError(new Error('KMS is down'));

function trialOf(servers: string[], { waits = false, maxOnConnect = 2 } = {}) {
  let names = servers.map((address) => ({ gossiped: false, toString: () => address }));
  const pool: ServerPoolInternals = {
    getServers: () => names,
    addServer: () => {},
    removeServer: (server) => void (names = names.filter((other) => other !== server)),
  };
  const reports: Outcome[] = [];
  const clock = new VirtualClock();
  const trial = new PoolTrial({
    source: { report: (_, outcome) => void reports.push(outcome) },
    clock,
    maxOnConnect,
    waits,
  });
  const userInfo = (expiresAt?: number) =>
    new ResolvedUserInfo({ token: 't', ...(expiresAt && { expiresAt }) }, clock.now());
  /** Calls the trial as the dialer does. */
  const dial = (server: string, ...errors: Error[]) => {
    trial.begin(server, pool);
    for (const error of errors) trial.addressFailed(error, trial.userInfo ?? userInfo(), true);
    return trial.serverFailed(server, pool, errors.at(-1));
  };
  return { trial, dial, reports, clock, userInfo, pool: () => names.map(String), servers: pool };
}

describe('before the first connect', () => {
  it('counts one attempt when no server of the pool has accepted, and shows all of them the same', () => {
    const { dial, trial, reports } = trialOf(['a', 'b']);
    dial('a', no());
    const shown = trial.userInfo;
    expect(shown).toBeDefined();
    expect(reports).toEqual([]);
    expect(dial('b', no()).final).toBe(false);
    expect(reports).toEqual(['rejected']);
    expect(trial.userInfo).toBeUndefined();
    expect(dial('a', no()).final).toBe(false);
    expect(dial('b', no())).toMatchObject({ final: true, error: { code: 'REJECTED' } });
  });

  it('tells the source nothing bad of what the second server accepts', () => {
    const { dial, trial, reports } = trialOf(['a', 'b']);
    dial('a', no());
    if (trial.userInfo) trial.accepted(trial.userInfo);
    expect(reports).toEqual(['accepted']);
    expect(trial.userInfo).toBeUndefined();
  });

  it('gives up a server that cannot be used, and goes on with the one that rejects', () => {
    const { dial, pool } = trialOf(['a', 'b', 'c']);
    dial('a', no());
    dial('b', down());
    expect(dial('c', full()).final).toBe(false);
    expect(pool()).toEqual(['a']);
    expect(dial('a', no())).toMatchObject({ final: true, error: { code: 'REJECTED' } });
  });

  it('keeps a server that cannot be used under waitOnFirstConnect', () => {
    const { dial, pool } = trialOf(['a', 'b'], { waits: true });
    for (let round = 0; round < 5; round++)
      for (const server of ['a', 'b']) expect(dial(server, down()).final).toBe(false);
    expect(pool()).toEqual(['a', 'b']);
  });

  it('ends with a rejection, but not with the suspicion of one, under waitOnFirstConnect', () => {
    const { dial } = trialOf(['a', 'b'], { waits: true });
    for (let round = 0; round < 5; round++) {
      dial('a', silent());
      expect(dial('b', down()).final).toBe(false);
    }
    dial('a', silent());
    expect(dial('b', no()).final).toBe(false);
    dial('a', silent());
    expect(dial('b', no())).toMatchObject({ final: true, error: { code: 'REJECTED' } });
  });

  it('counts a suspicion like a rejection otherwise, and tells the source', () => {
    const { dial, reports } = trialOf(['a']);
    expect(dial('a', silent()).final).toBe(false);
    expect(dial('a', silent())).toMatchObject({ final: true, error: { code: 'CONNECT_REFUSED' } });
    expect(reports).toEqual(['suspected', 'suspected']);
  });

  it('counts a signer that fails, which says nothing of the user info', () => {
    const { dial, trial, reports } = trialOf(['a']);
    expect(dial('a', signer()).final).toBe(false);
    expect(trial.userInfo).toBeUndefined();
    expect(trial.isBackedOff('a')).toBe(false);
    expect(dial('a', signer())).toMatchObject({ final: true, error: { code: 'SIGNING_FAILED' } });
    expect(reports).toEqual(['failed', 'failed']);
  });

  it('takes for what a server says what any address of its name has said', () => {
    const { dial } = trialOf(['a']);
    expect(dial('a', no(), down()).final).toBe(false);
    expect(dial('a', silent(), no(), down())).toMatchObject({ final: true, error: { code: 'REJECTED' } });
  });

  it('passes over a server that has had its turn while another has not', () => {
    const { dial, trial, servers } = trialOf(['a', 'b'], { waits: true });
    dial('a', down());
    expect(() => trial.begin('a', servers)).toThrow('connection refused');
    dial('b', down());
    expect(() => trial.begin('a', servers)).not.toThrow();
  });

  it('leaves the pause before the next dial of a server that rejects to the source', () => {
    const { dial, trial } = trialOf(['a', 'b'], { waits: true });
    dial('a', no());
    dial('b', down());
    expect([trial.isBackedOff('a'), trial.isBackedOff('b')]).toEqual([true, false]);
    trial.accepted(trial.userInfo ?? trialOf([]).userInfo());
    expect(trial.isBackedOff('a')).toBe(false);
  });
});

describe('after that', () => {
  it('never ends, and shows what one server rejects to the others', () => {
    const { dial, trial, reports, userInfo } = trialOf(['a', 'b']);
    trial.accepted(userInfo());
    for (let round = 0; round < 5; round++) {
      dial('a', no());
      expect(trial.userInfo).toBeDefined();
      expect(dial('b', down()).final).toBe(false);
      expect(trial.userInfo).toBeUndefined();
    }
    expect(reports.slice(1)).toEqual(Array(5).fill('rejected'));
  });

  it('does not show what has expired since', async () => {
    const { trial, reports, clock, userInfo, servers } = trialOf(['a', 'b']);
    trial.accepted(userInfo());
    trial.begin('a', servers);
    trial.addressFailed(no(), userInfo(clock.now() + 1_000), true);
    expect(trial.userInfo).toBeDefined();
    await clock.advance(1_001);
    expect(trial.userInfo).toBeUndefined();
    expect(reports.at(-1)).toBe('rejected');
  });
});
