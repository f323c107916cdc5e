import * as promClient from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import { Emitter } from '../../../libs/base/index.js';
import {
  CALLOUT_FAILURES,
  type CalloutEvents,
  REFUSAL_REASONS,
  REQUEST_PROBLEMS,
} from '../../../libs/callout/index.js';
import { combinationsOf, type Prometheus } from '../../../libs/metrics/index.js';
import { recordMetrics } from '../../metrics/start-metrics.js';
import { CALLOUT_METRICS } from './table.js';

const connection = 'callout';
const client = { connection, client: 'alice', host: '10.0.0.7', server: 'n1', durationMs: 250 };
const error = new Error('no');

describe('the metrics of a callout', () => {
  let registry: promClient.Registry;
  let events: Emitter<CalloutEvents>;

  const start = () => {
    const emitter = new Emitter<CalloutEvents>();
    recordMetrics(CALLOUT_METRICS, connection, emitter, { registry }, promClient as unknown as Prometheus);
    return emitter;
  };
  const series = async () => {
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('nats_auth_'));
    return lines.map((line) =>
      line
        .replace('nats_auth_callout_', '')
        .replace(/connection="callout",?/, '')
        .replace('{}', ''),
    );
  };
  const nonZero = async () => (await series()).filter((line) => !/_bucket\{| 0$/.test(line));

  beforeEach(() => {
    registry = new promClient.Registry();
    events = start();
  });

  it('exist with 0 from the start, for every value of every label, and grow no further whatever happens', async () => {
    const before = await series();
    expect(before.filter((line) => !line.endsWith(' 0'))).toEqual([]);
    for (const [name, metric] of Object.entries(CALLOUT_METRICS)) {
      const own = before.filter((line) => `${line} `.startsWith(name.replace('callout_', '')));
      expect([name, own.filter((line) => !/_(bucket|sum)/.test(line)).length]).toEqual([
        name,
        combinationsOf(metric).length,
      ]);
    }
    emitEverything();
    expect((await series()).map(nameOf)).toEqual(before.map(nameOf));
  });

  it('have no series left at 0 when all has happened that can', async () => {
    emitEverything();
    expect((await series()).filter((line) => !line.includes('_bucket{') && line.endsWith(' 0'))).toEqual([]);
  });

  it('count requests, and who came in with the time of the answer', async () => {
    events.emit('requested', { connection });
    events.emit('admitted', { ...client, name: 'alice', account: 'APP', expiresAt: 0 });
    expect(await nonZero()).toEqual([
      'requests_total 1',
      'admitted_total 1',
      'duration_seconds_sum{outcome="admitted"} 0.25',
      'duration_seconds_count{outcome="admitted"} 1',
    ]);
  });

  it.each(REFUSAL_REASONS)('count a refusal for reason %s', async (reason) => {
    events.emit('refused', { ...client, reason, error });
    expect(await nonZero()).toEqual([
      `refused_total{reason="${reason}"} 1`,
      'duration_seconds_sum{outcome="refused"} 0.25',
      'duration_seconds_count{outcome="refused"} 1',
    ]);
  });

  it.each(CALLOUT_FAILURES)('count a failure of cause %s', async (cause) => {
    events.emit('failed', { ...client, cause, error });
    expect(await nonZero()).toEqual([
      `failures_total{cause="${cause}"} 1`,
      'duration_seconds_sum{outcome="failed"} 0.25',
      'duration_seconds_count{outcome="failed"} 1',
    ]);
  });

  it.each(REQUEST_PROBLEMS)('count a discarded request with the problem %s', async (problem) => {
    events.emit('discarded', { connection, problem, error });
    expect(await nonZero()).toEqual([`discarded_total{problem="${problem}"} 1`]);
  });

  it('add up what instances of one process have to do, and take back what one has done', async () => {
    const second = start();
    events.emit('load', { connection, inFlight: 3, queued: 5 });
    second.emit('load', { connection, inFlight: 4, queued: 1 });
    expect(await nonZero()).toEqual(['queue_length 6', 'in_flight 7']);
    events.emit('load', { connection, inFlight: 0, queued: 0 });
    expect(await nonZero()).toEqual(['queue_length 1', 'in_flight 4']);
  });

  it('show that the callout listens while one of its instances does', async () => {
    const second = start();
    const tell = async (who: Emitter<CalloutEvents>, listening: boolean) => {
      who.emit('listening', { connection, listening });
      return nonZero();
    };
    expect(await tell(events, true)).toEqual(['listening 1']);
    expect(await tell(second, true)).toEqual(['listening 1']);
    expect(await tell(events, false)).toEqual(['listening 1']);
    expect(await tell(second, false)).toEqual([]);
  });

  it('count answers that a server refused', async () => {
    events.emit('answerRefused', { connection, server: 'n1', error });
    expect(await nonZero()).toEqual(['answers_refused_total 1']);
  });

  it('are not there with metrics off, or without prom-client', async () => {
    registry = new promClient.Registry();
    const prometheus = promClient as unknown as Prometheus;
    recordMetrics(CALLOUT_METRICS, connection, events, false, prometheus);
    recordMetrics(CALLOUT_METRICS, connection, events, { registry }, undefined);
    expect(await series()).toEqual([]);
  });

  function emitEverything(): void {
    events.emit('requested', { connection });
    events.emit('admitted', { ...client, name: 'alice', account: 'APP', expiresAt: 0 });
    for (const reason of REFUSAL_REASONS) events.emit('refused', { ...client, reason, error });
    for (const cause of CALLOUT_FAILURES) events.emit('failed', { ...client, cause, error });
    for (const problem of REQUEST_PROBLEMS) events.emit('discarded', { connection, problem, error });
    events.emit('load', { connection, inFlight: 3, queued: 5 });
    events.emit('listening', { connection, listening: true });
    events.emit('answerRefused', { connection, server: 'n1', error });
  }
});

function nameOf(line: string): string {
  return line.slice(0, line.lastIndexOf(' '));
}
