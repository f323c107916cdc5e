import { expect, it } from 'vitest';

import { Refusals } from './refusals.js';

it('what a server says after a connection was lost while it got ready is no refusal of a subscription', async () => {
  const told: string[] = [];
  const refusals = new Refusals((problem) => told.push(problem));
  await expect(refusals.watch(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  for (let n = 0; n < 3; n++) refusals.heard(`error ${n}`);
  expect(refusals.watching).toBe(false);
  expect([...told, ...refusals.all]).toEqual([]);
});

it('only the newest establishment is watched', async () => {
  const refusals = new Refusals(() => {});
  let lost = (_: Error) => {};
  const first = refusals.watch(new Promise((_, reject) => (lost = reject)));
  let ready = () => {};
  const second = refusals.watch(new Promise((resolve) => (ready = resolve)));
  lost(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  refusals.heard('maximum subscriptions exceeded');
  ready();
  await second;
  refusals.heard('another');
  expect(refusals.all).toEqual([`the server refused subscriptions: 'maximum subscriptions exceeded'`]);
});
