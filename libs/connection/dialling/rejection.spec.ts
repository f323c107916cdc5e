import { describe, expect, it } from 'vitest';

import { classifyServerError, deniedPermission } from './rejection.js';

describe('what a server says is', () => {
  it.each([
    ['Authorization Violation', 'violation'],
    ['User Authentication Expired', 'expired'],
    ['Account Authentication Expired', 'expired'],
    ['User Authentication Revoked', 'revoked'],
    ['Authentication Timeout', 'timeout'],
    ['Authentication something that a later server says', 'other'],
    ['maximum connections exceeded', undefined],
    ['maximum account active connections exceeded', undefined],
    ['Connection throttling is active', undefined],
    ['Slow Consumer', undefined],
    ['Permissions Violation for Publish to "a"', undefined],
    ['Permissions Violation for Publish to "authorization.check"', undefined],
    ['Permissions Violation for Subscription to "authentication.timeout"', undefined],
  ])('%s: %s', (text, kind) => expect(classifyServerError(text)).toBe(kind));

  it.each([
    ['Permissions Violation for Publish to "orders.new"', { operation: 'publish', subject: 'orders.new' }],
    [
      'Permissions Violation for Subscription to "orders.>" using queue "q"',
      { operation: 'subscription', subject: 'orders.>' },
    ],
    ['Authorization Violation', undefined],
    ['parse error [0]: !-ERR Permissions Violation for Publish to "x"', undefined],
    ['Permissions Violation for Publish to "x"\r\nCONNECT {"pass":"secret"}', undefined],
  ])('%s: a denied permission or none', (text, denied) => expect(deniedPermission(text)).toEqual(denied));
});
