import { describe, expect, it } from 'vitest';

import { backoffSettings, count, duration, knownKeys, OptionsInvalidError } from '../../base/index.js';
import { MARK } from '../../base/secrets.fixture.js';
import { type RefreshOptions, refreshSettings } from './options.js';

const DEFAULTS = {
  timeout: 5_000,
  retry: {
    initialDelay: 250,
    maxDelay: 30_000,
    factor: 2,
    maxAttempts: 5,
    maxAttemptsAfterConnect: Infinity,
  },
  reuse: false,
  ahead: { fraction: 0.8, jitter: 0.1 },
  perRole: false,
};

describe('refresh options', () => {
  it('have defaults for everything', () => {
    expect(refreshSettings()).toEqual(DEFAULTS);
    expect(refreshSettings({ retry: {}, ahead: {} })).toEqual(DEFAULTS);
  });

  it.each<RefreshOptions>([
    { timeout: 1 },
    { timeout: 2 ** 31 - 1 },
    { reuse: 0 },
    { reuse: 60_000 },
    { reuse: false },
    { ahead: false },
    { retry: { maxAttempts: 1 } },
    { retry: { maxAttempts: Infinity, maxAttemptsAfterConnect: 3 } },
    { retry: { initialDelay: 0 } },
    { retry: { initialDelay: 10, maxDelay: 10, factor: 1 } },
    { ahead: { fraction: 0.5, jitter: 0 } },
    { ahead: { fraction: 0.8, jitter: 0.2 } },
    { ahead: { fraction: 0.9, jitter: 0.1 } },
    { ahead: { fraction: 0.7, jitter: 0.3 } },
  ])('are taken as they are when they make sense: %j', (options) => {
    expect(refreshSettings(options)).toMatchObject(options);
  });

  it('fit to each other when only one of two is given', () => {
    expect(refreshSettings({ retry: { initialDelay: 60_000 } }).retry.maxDelay).toBe(60_000);
    expect(refreshSettings({ ahead: { fraction: 0.9 } }).ahead).toEqual({ fraction: 0.9, jitter: 0.05 });
    expect(refreshSettings({ ahead: { fraction: 0.1 } }).ahead).toEqual({ fraction: 0.1, jitter: 0.05 });
  });

  it.each<[option: string, got: string, options: unknown]>([
    ['refresh', 'null', null],
    ['refresh', '5', 5],
    ['refresh', 'string', MARK],
    ['refresh', 'an object', []],
    ['refresh.timout', 'unknown', { timout: 5 }],
    ['refresh.timeout', '0', { timeout: 0 }],
    ['refresh.timeout', '-1', { timeout: -1 }],
    ['refresh.timeout', 'NaN', { timeout: NaN }],
    ['refresh.timeout', 'Infinity', { timeout: Infinity }],
    ['refresh.timeout', '2147483648', { timeout: 2 ** 31 }],
    ['refresh.timeout', 'string', { timeout: '5s' }],
    ['refresh.reuse', 'true', { reuse: true }],
    ['refresh.ahead.fraction', 'bigint', { ahead: { fraction: 5n } }],
    ['refresh.ahead.fraction', 'object', { ahead: { fraction: Object.create(null) as unknown } }],
    ['refresh.reuse', 'null', { reuse: null }],
    ['refresh.reuse', '-1', { reuse: -1 }],
    ['refresh.reuse', 'string', { reuse: MARK }],
    ['refresh.retry', 'null', { retry: null }],
    ['refresh.retry', 'false', { retry: false }],
    ['refresh.retry', 'an object', { retry: [] }],
    ['refresh.retry.attempts', 'unknown', { retry: { attempts: 5 } }],
    ['refresh.retry.initialDelay', '-1', { retry: { initialDelay: -1 } }],
    ['refresh.retry.initialDelay', 'string', { retry: { initialDelay: '1' } }],
    ['refresh.retry.initialDelay', 'Infinity', { retry: { initialDelay: Infinity } }],
    ['refresh.retry.maxDelay', '99', { retry: { initialDelay: 100, maxDelay: 99 } }],
    ['refresh.retry.maxDelay', 'Infinity', { retry: { maxDelay: Infinity } }],
    ['refresh.retry.factor', '0.9', { retry: { factor: 0.9 } }],
    ['refresh.retry.factor', 'NaN', { retry: { factor: NaN } }],
    ['refresh.retry.maxAttempts', '0', { retry: { maxAttempts: 0 } }],
    ['refresh.retry.maxAttempts', '1.5', { retry: { maxAttempts: 1.5 } }],
    ['refresh.retry.maxAttempts', 'NaN', { retry: { maxAttempts: NaN } }],
    ['refresh.retry.maxAttempts', '-Infinity', { retry: { maxAttempts: -Infinity } }],
    ['refresh.retry.maxAttempts', 'string', { retry: { maxAttempts: '5' } }],
    ['refresh.retry.maxAttemptsAfterConnect', '0', { retry: { maxAttemptsAfterConnect: 0 } }],
    ['refresh.ahead', 'null', { ahead: null }],
    ['refresh.ahead', 'true', { ahead: true }],
    ['refresh.ahead', '0.8', { ahead: 0.8 }],
    ['refresh.ahead.ratio', 'unknown', { ahead: { ratio: 0.8 } }],
    ['refresh.ahead.fraction', '0', { ahead: { fraction: 0 } }],
    ['refresh.ahead.fraction', '1', { ahead: { fraction: 1 } }],
    ['refresh.ahead.fraction', '80', { ahead: { fraction: 80 } }],
    ['refresh.ahead.fraction', 'NaN', { ahead: { fraction: NaN } }],
    ['refresh.ahead.fraction', 'string', { ahead: { fraction: '0.8' } }],
    ['refresh.ahead.jitter', '-0.1', { ahead: { jitter: -0.1 } }],
    ['refresh.ahead.jitter', '0.21', { ahead: { jitter: 0.21 } }],
    ['refresh.ahead.jitter', 'from 0 to 0.1,', { ahead: { fraction: 0.1, jitter: 0.11 } }],
    ['refresh.ahead.jitter', 'NaN', { ahead: { jitter: NaN } }],
  ])('are refused by name: %s, got %s', (option, got, options) => {
    const check = () => refreshSettings(options as RefreshOptions);
    expect(check).toThrow(OptionsInvalidError);
    expect(check).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID', option }));
    expect(check).toThrow(`Option '${option}': `);
    expect(check).toThrow(got);
    expect(check).not.toThrow(MARK);
  });
});

describe('the checks that other options share', () => {
  it('fill in the first delay of a backoff', () => {
    expect(backoffSettings('rejection', {}, 100)).toEqual({ initialDelay: 100, maxDelay: 30_000, factor: 2 });
  });

  it('name the option they are given', () => {
    expect(() => backoffSettings('rejection', { factor: 0 }, 100)).toThrow(`'rejection.factor'`);
    expect(() => duration('rotation.timeout', 0, 1)).toThrow(
      `'rotation.timeout': expected a number of ms from 1`,
    );
    expect(() => count('rejection.maxOnConnect', 0)).toThrow(
      `'rejection.maxOnConnect': expected a whole number`,
    );
    expect(() => knownKeys('rotation', { mod: 1 }, ['mode'])).toThrow(
      `'rotation.mod': unknown; accepted here are mode.`,
    );
  });
});
