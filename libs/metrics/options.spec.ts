import { register } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { type MetricsOptions, metricsSettings } from './options.js';

describe('metrics options', () => {
  it('have the prefix nats_auth_ unless one is given', () => {
    expect(metricsSettings({}).prefix).toBe('nats_auth_');
    expect(metricsSettings({ prefix: '' }).prefix).toBe('');
    expect(metricsSettings({ prefix: 'shop:nats_' }).prefix).toBe('shop:nats_');
  });

  it('are taken as they are when they make sense', () => {
    const options = { registry: register, prefix: 'a_', path: '/m', port: 9_464, host: '::1' };
    expect(metricsSettings(options)).toEqual(options);
  });

  it.each<[object | boolean, string]>([
    [true, `Option 'metrics': expected an object, got true.`],
    [{ pfad: '/m' }, `Option 'metrics.pfad': unknown; accepted here are registry, prefix, path, port, host.`],
    [{ registry: {} }, `Option 'metrics.registry': expected a Registry of prom-client, got an object.`],
    [{ registry: null }, `Option 'metrics.registry': expected a Registry of prom-client, got null.`],
    [
      { prefix: '9lives_' },
      `Option 'metrics.prefix': expected letters, digits, underscores and colons, not beginning with a digit, got '9lives_'.`,
    ],
    [{ path: 'metrics' }, `Option 'metrics.path': expected a path such as '/metrics', got 'metrics'.`],
    [{ path: '/m?x=1' }, `Option 'metrics.path': expected a path such as '/metrics', got '/m?x=1'.`],
    [{ port: 0 }, `Option 'metrics.port': expected a port from 1 to 65535, got 0.`],
    [{ port: 65_536 }, `Option 'metrics.port': expected a port from 1 to 65535, got 65536.`],
    [{ port: '9464' }, `Option 'metrics.port': expected a port from 1 to 65535, got '9464'.`],
    [
      { port: 9_464, host: '' },
      `Option 'metrics.host': expected a host name or an address, such as '0.0.0.0', got ''.`,
    ],
    [{ host: '0.0.0.0' }, `Option 'metrics.host': needs 'metrics.port' beside it.`],
  ])('%j are refused', (options, message) => {
    expect(() => metricsSettings(options as MetricsOptions)).toThrow(message);
  });
});
