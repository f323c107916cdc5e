import { createServer } from 'node:http';

import { eventually, freePort } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

import { Traffic } from '../../sample-app/src/demo/traffic.js';

/** Answers, refuses and keeps waiting in turn. */
async function aGateway(): Promise<string> {
  const port = await freePort();
  let n = 0;
  const server = createServer((_, response) => {
    const turn = n++ % 3;
    if (turn < 2) response.writeHead(turn === 0 ? 200 : 503).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
  return `http://127.0.0.1:${port}`;
}

it('sends as many requests in each second however late its timer is, and each is answered, failed or waiting', async () => {
  const url = await aGateway();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.UTC(2030, 0, 1) + 400 });
  onTestFinished(() => void vi.useRealTimers());
  const traffic = new Traffic(
    () => url,
    20,
    () => undefined,
  );
  // What waits is ended with the gateway.
  onTestFinished(() => void traffic.stop());
  for (const lateMs of [0, 30, 0, 900, 0, 1_500, 70, 0]) {
    vi.setSystemTime(Date.now() + lateMs);
    vi.advanceTimersByTime(1_000);
  }
  await eventually(() => traffic.view.failed > 30 && traffic.view.answered > 30, { what: 'answers' });
  const { requests, answered, failed, waiting, seconds } = traffic.view;
  expect(waiting).toBeGreaterThan(30);
  expect(answered + failed + waiting).toBe(requests);
  const complete = seconds.slice(0, -1);
  expect(complete.length).toBeGreaterThan(8);
  expect(complete.map(([, sent]) => sent)).toEqual(complete.map(() => 20));
  for (const [, sent, ...outcomes] of seconds) expect(outcomes[0] + outcomes[1]).toBeLessThanOrEqual(sent);
  expect(seconds.reduce((sum, [, sent]) => sum + sent, 0)).toBe(requests);
});

it('catches up on nothing after the machine has slept', async () => {
  const url = await aGateway();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.UTC(2030, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  const traffic = new Traffic(
    () => url,
    20,
    () => undefined,
  );
  // What waits is ended with the gateway.
  onTestFinished(() => void traffic.stop());
  vi.advanceTimersByTime(2_000);
  const before = traffic.view.requests;
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(traffic.view.requests - before).toBeLessThanOrEqual(20);
});
