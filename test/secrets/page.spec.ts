import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

import { startSample } from '../page/sample.js';

/** What the sample's secrets look like: JWTs, which are all of its tokens, NKey seeds, and fields that hold one. */
const SECRETS = [
  /eyJ[\w-]+\.[\w-]+/,
  /\bS[UAO][A-Z2-7]{56}\b/,
  /"(pass|password|token|secret|seed|creds|jwt)":"/i,
];

it('the sample shows no secret in its page, its events, its metrics and its output', async () => {
  const sample = await startSample();
  onTestFinished(() => sample.interrupt().then(() => undefined));
  const told = await Promise.all(
    ['/', '/page.js', '/timeline.js', '/metrics', '/health'].map(async (path) =>
      (await fetch(sample.url + path)).text(),
    ),
  );
  const listening = new AbortController();
  onTestFinished(() => listening.abort());
  const events = await fetch(`${sample.url}/api/events`, { signal: listening.signal });
  const heard = listen(events).catch(() => {});
  // What goes wrong tells most.
  for (const action of [
    'stop-identity-provider',
    'start-identity-provider',
    'rotate-signing-keys',
    'restart-nats',
  ])
    await eventually(
      async () => (await fetch(`${sample.url}/api/actions/${action}`, { method: 'POST' })).status === 202,
      { what: action, timeoutMs: 30_000 },
    );
  const metrics = async () => (await fetch(`${sample.url}/metrics`)).text();
  await eventually(async () => /rotations_total\{.*\} [1-9]/.test(await metrics()), {
    what: 'a rotation',
    timeoutMs: 60_000,
  });
  told.push(await metrics(), sample.lines.join('\n'));
  listening.abort();
  await heard;

  async function listen(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? [])
      told.push(decoder.decode(bytes as Uint8Array, { stream: true }));
  }

  const everything = told.join('');
  expect(everything).toContain('snapshot');
  for (const shape of SECRETS) expect(everything).not.toMatch(shape);
});
