import { eventually, freePort } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { folderOf, type PeerOptions, type SentSpan, startPeer } from './harness/processes.js';

/** OpenTelemetry's instrumentation of NestJS is for majors before 12. */
const SYSTEMS = [
  { gateway: 12, service: 12 },
  { gateway: 11, service: 11, instrumented: true },
  { gateway: 12, service: 11 },
  { gateway: 11, service: 12 },
] as const;

/** The names of a span and of those that it is in, from the inside to the outside. */
function lineage(span: SentSpan, spans: readonly SentSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parent);
  return [span.name, ...(parent ? lineage(parent, spans) : [])];
}

describe.each(SYSTEMS)('a gateway on NestJS $gateway and a service on NestJS $service', (system) => {
  it('have one trace for what a request does in both', { timeout: 240_000 }, async () => {
    const { url: servers } = await serverForTest();
    const port = await freePort();
    const instrumented = 'instrumented' in system;
    const start = async (role: PeerOptions['role'], nest: 11 | 12) =>
      startPeer(await folderOf(nest), { role, servers, port, instrumented });
    const service = await start('service', system.service);
    const gateway = await start('gateway', system.gateway);
    const begun = gateway.length;
    const response = await fetch(`http://127.0.0.1:${port}/ask`);
    expect(await response.json()).toEqual({ reply: 'a question answered', stream: [1, 2, 3] });
    await eventually(() => service.some(({ name }) => name === 'process told'), { what: 'the event' });
    // The outermost span ends after the response.
    if (instrumented)
      await eventually(() => gateway.slice(begun).some(({ name }) => name === 'Gateway.ask'), {
        what: 'the span of the gateway',
      });

    const asked = gateway.slice(begun);
    const all = [...asked, ...service];
    const ofNest = instrumented ? ['ask', 'Gateway.ask'] : [];
    const lines = all
      .filter(({ scope }) => scope === 'of the application')
      .map((span) => lineage(span, all))
      .filter(([name]) => name !== 'identity provider');
    expect(lines).toEqual([
      ['database', 'process ask', 'send ask', ...ofNest],
      ['mail', 'process told', 'publish told', ...ofNest],
    ]);
    const messages = all.filter(({ attributes }) => attributes['messaging.system'] === 'nats');
    // One span for each end of each call, and none twice.
    expect(messages.map(({ name }) => name).sort()).toEqual([
      'process ask',
      'process stream',
      'process told',
      'publish told',
      'send ask',
      'send stream',
    ]);
    if (instrumented) expect(new Set(messages.map(({ traceId }) => traceId)).size).toBe(1);
    // The provider call of each process has its own trace, whoever asked first.
    for (const spans of [gateway, service]) {
      const provider = spans.find(({ name }) => name === 'identity provider');
      expect(provider && lineage(provider, spans)).toEqual([
        'identity provider',
        'refresh default',
        'connect default',
      ]);
    }
  });
});
