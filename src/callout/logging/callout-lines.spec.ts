import { beforeEach, describe, expect, it } from 'vitest';

import { Emitter, VirtualClock } from '../../../libs/base/index.js';
import {
  CALLOUT_FAILURES,
  type CalloutEvents,
  REFUSAL_REASONS,
  RefusedError,
  REQUEST_PROBLEMS,
} from '../../../libs/callout/index.js';
import type { LogFields } from '../../logging/log-line.js';
import { logCallout } from './callout-lines.js';

const connection = 'callout';
const client = { connection, client: 'shop', host: '10.0.0.7', server: 'n1', durationMs: 3.2 };
const refused = { ...client, reason: 'credentials', error: new RefusedError('wrong password') } as const;
const failed = { ...client, cause: 'error', error: new Error('IAM is down') } as const;

describe('the log of a callout', () => {
  let lines: string[];
  let fields: LogFields[];
  let events: Emitter<CalloutEvents>;
  let clock: VirtualClock;

  beforeEach(() => {
    lines = [];
    fields = [];
    clock = new VirtualClock();
    events = new Emitter();
    logCallout(
      connection,
      events,
      (level, text, more) => {
        lines.push(`${level} ${text}`);
        fields.push(more);
      },
      clock,
    );
  });

  /** Something happens every `everyMs`, for `times` times. */
  async function often(times: number, everyMs: number, happen: () => void): Promise<void> {
    for (let i = 0; i < times; i++) {
      events.emit('requested', { connection });
      happen();
      await clock.advance(everyMs);
    }
  }

  it('tells of a client without a name by its address', () => {
    events.emit('refused', { ...refused, client: '' });
    expect(lines).toEqual([
      `warn callout: refused a client without a name of 10.0.0.7 at server 'n1' (credentials): wrong password`,
    ]);
  });

  it('has a line for each client that does not come in, with who, where and why, and none for one that does', () => {
    events.emit('admitted', { ...client, name: 'alice', account: 'APP', expiresAt: Date.UTC(2030, 0, 1) });
    events.emit('refused', refused);
    events.emit('failed', failed);
    events.emit('discarded', { connection, problem: 'sealed', error: new Error("set 'callout.xkey'") });
    events.emit('answerRefused', { connection, server: 'n1', error: new Error('Wrong issuer') });
    expect(lines).toEqual([
      `debug callout: admitted 'shop' of 10.0.0.7 at server 'n1' as 'alice' into 'APP' until 2030-01-01T00:00:00.000Z in 3 ms`,
      `warn callout: refused 'shop' of 10.0.0.7 at server 'n1' (credentials): wrong password`,
      `error callout: failed for 'shop' of 10.0.0.7 at server 'n1' (error) after 3 ms: IAM is down`,
      `warn callout: discarded a request (sealed): set 'callout.xkey'`,
      `error callout: server 'n1' refused an answer: Wrong issuer`,
    ]);
    expect(fields).toEqual([
      {
        event: 'admitted',
        ...{ connection, client: 'shop', host: '10.0.0.7', serverName: 'n1', durationMs: 3.2 },
        ...{ user: 'alice', account: 'APP', expiresAt: Date.UTC(2030, 0, 1) },
      },
      expect.objectContaining({
        event: 'refused',
        client: 'shop',
        reason: 'credentials',
        error: 'wrong password',
      }),
      expect.objectContaining({ event: 'failed', host: '10.0.0.7', cause: 'error', error: 'IAM is down' }),
      expect.objectContaining({ event: 'discarded', problem: 'sealed' }),
      expect.objectContaining({ event: 'answerRefused', serverName: 'n1', error: 'Wrong issuer' }),
    ]);
  });

  it('says when the callout begins and ends to listen, and what an administrator did', () => {
    events.emit('listening', { connection, listening: true });
    for (const action of ['revoked', 'restored', 'kicked'] as const)
      events.emit('administered', { connection, action, who: 'alice' });
    events.emit('listening', { connection, listening: false });
    expect(lines).toEqual([
      'log callout: answers the requests of servers',
      "log callout: revoked 'alice'",
      "log callout: restored 'alice'",
      "log callout: kicked 'alice'",
      'log callout: answers no requests of servers any more',
    ]);
  });

  it('tells the first of a herd one by one, and how many more there were with whatever comes next', async () => {
    await often(2_000, 1, () => events.emit('refused', refused));
    expect(lines).toHaveLength(5);
    await clock.advance(30_000);
    events.emit('requested', { connection });
    expect(lines.slice(5)).toEqual(['warn callout: refused 1995 more clients (credentials) in 32 s']);
    expect(fields.at(-1)).toEqual({
      ...{ event: 'refused', connection, reason: 'credentials', leftOut: 1_995, lastedMs: 32_000 },
    });
  });

  it('tells what was left out of a herd when the callout ends', async () => {
    await often(6, 1, () => events.emit('failed', failed));
    events.emit('listening', { connection, listening: false });
    expect(lines.slice(5)).toEqual([
      'error callout: failed for 1 more client (error) in 6 ms',
      'log callout: answers no requests of servers any more',
    ]);
  });

  it.each([
    ['refuses', () => events.emit('refused', refused)],
    ['fails', () => events.emit('failed', failed)],
    [
      'discards',
      () => events.emit('discarded', { connection, problem: 'signature', error: new Error('forged') }),
    ],
    ['is refused', () => events.emit('answerRefused', { connection, server: 'n1', error: new Error('no') })],
  ])('does not fill up while a callout %s for an hour', async (_, happen) => {
    await often(3_600, 1_000, happen);
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.length).toBeLessThan(120);
  });

  it('tells each kind beside a herd of another', async () => {
    await often(100, 1, () => events.emit('refused', refused));
    lines = [];
    for (const reason of REFUSAL_REASONS) events.emit('refused', { ...refused, reason });
    for (const cause of CALLOUT_FAILURES) events.emit('failed', { ...failed, cause });
    for (const problem of REQUEST_PROBLEMS)
      events.emit('discarded', { connection, problem, error: new Error('no') });
    expect(lines).toHaveLength(
      REFUSAL_REASONS.length - 1 + CALLOUT_FAILURES.length + REQUEST_PROBLEMS.length,
    );
  });

  describe('whatever clients and servers call themselves', () => {
    const jwt = `eyJ0eXAiOiJKV1QifQ.${'a'.repeat(40)}.${'b'.repeat(40)}`;
    const forged = `x\nERROR [NatsAuth] all is lost\r\u2028\u001b[2J\u202e${jwt}${'y'.repeat(10_000)}`;
    const everywhere = (words = forged) => {
      const named = { ...client, client: words, host: words, server: words };
      const error = new Error(words);
      events.emit('admitted', { ...named, name: words, account: words, expiresAt: 0 });
      events.emit('refused', { ...named, reason: 'unknown', error: new RefusedError(words) });
      events.emit('failed', { ...named, cause: 'invalid', error });
      events.emit('discarded', { connection, problem: 'issuer', error });
      events.emit('answerRefused', { connection, server: words, error });
      events.emit('administered', { connection, action: 'revoked', who: words });
    };

    it('each line is one line, and not a long one', () => {
      everywhere();
      expect(lines).toHaveLength(6);
      for (const line of lines) {
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(line.length).toBeLessThan(3_500);
      }
    });

    it('no field has what could forge a line, nor is it long', () => {
      everywhere();
      for (const value of fields.flatMap((of) => Object.values(of))) {
        expect(String(value)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(String(value).length).toBeLessThan(3_100);
      }
    });

    it('no line and no field has what looks like a secret', () => {
      everywhere(jwt);
      expect(JSON.stringify([lines, fields])).not.toContain('aaaaaaaa');
    });
  });
});
