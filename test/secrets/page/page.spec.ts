import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

import { startSample } from '../../support/sample.js';
import { Ears } from '../harness/ears.js';
import { Secrets } from '../harness/secrets.js';

/** What anybody can ask the gateway for. */
const PATHS = ['/', '/page.js', '/api/actions/none', '/metrics', '/health', '/orders/1', '/orders/none'];
/** What goes wrong while somebody looks, in this order. */
const ACTIONS = [
  'stop-identity-provider',
  'start-identity-provider',
  'rotate-signing-keys',
  'revoke-gateway',
  'restore-gateway',
  'restart-nats',
];
const ROTATED = /"who":"orders","kind":"rotated"/;

it('the API of the page, its stream, /metrics, /health and the terminal, while things go wrong', async () => {
  const [ears, secrets] = [new Ears(), new Secrets()];
  onTestFinished(() => ears.close());
  let secretsMade = 0;
  const sample = await startSample({
    module: new URL('tap.mjs', import.meta.url),
    hear: (message) => {
      const { what, secret } = message as { what: string; secret: string };
      secretsMade++;
      secrets.keep(what, secret);
    },
  });
  onTestFinished(() => sample.interrupt().then(() => undefined));
  const look = async () => {
    for (const path of PATHS) {
      const response = await fetch(sample.url + path);
      ears.read(`GET ${path}`, JSON.stringify([...response.headers]) + (await response.text()));
    }
  };
  const stream = await listenToEvents(sample.url);
  await look();
  await eventually(() => ROTATED.test(stream.text), { what: 'a rotation', timeoutMs: 30_000 });
  for (const action of ACTIONS) {
    const before = stream.text.length;
    const { status } = await fetch(`${sample.url}/api/actions/${action}`, { method: 'POST' });
    expect([action, status]).toEqual([action, 202]);
    await look();
    await eventually(() => stream.text.slice(before).split('event: snapshot').length > 3, {
      what: 'the consequences to show',
    });
    await look();
  }
  await stream.end();
  await sample.interrupt();
  ears.read('event stream', stream.text);
  ears.read('terminal', sample.printed);
  // Two passwords and three client secrets, and a token for each service at least.
  expect(secretsMade).toBeGreaterThan(8);
  expect(ears.at('GET /metrics')).toContain('nats_auth_rotations_total');
  expect(ears.at('GET /health')).toContain('"status"');
  ears.expectNo(secrets, 'GET', 'terminal');
});

/** What the stream of events has brought so far. */
async function listenToEvents(url: string): Promise<{ text: string; end(): Promise<void> }> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/events`, { signal: stop.signal });
  const stream = { text: '', end: () => ended };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) stream.text += decoder.decode(chunk as Uint8Array);
  };
  const ended = new Promise<void>((resolve) => {
    read().then(resolve, () => resolve());
  });
  stream.end = () => {
    stop.abort();
    return ended;
  };
  return stream;
}
