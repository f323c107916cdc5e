import { expect, it } from 'vitest';

import { connectionSettings } from './connection-settings.js';

it('leaves out what is undefined: a default of ours takes its place', () => {
  const settings = connectionSettings({
    servers: 'nats',
    maxReconnectAttempts: undefined,
    reconnect: undefined,
  });
  expect(Object.keys(settings)).toEqual(['servers']);
});

it('takes a port for a server of this machine', () => {
  expect(connectionSettings({ port: 4333 })).toEqual({ servers: ['127.0.0.1:4333'] });
});

it('passes on what it does not know', () => {
  expect(connectionSettings({ noAsyncTraces: true })).toEqual({ noAsyncTraces: true });
});
