import { describe, expect, it } from 'vitest';

import { createAccount } from '../../../test/support/nats-reference.js';
import type { Admission } from '../admission.js';
import { AdmissionInvalidError, RefusedError } from '../errors.js';
import { accountSeed, seedOf } from '../keys/keys.fixture.js';
import type { CalloutClient } from '../request/callout-request.js';
import { type CalloutSettings, calloutSettings } from '../settings.js';
import { acceptedAdmission } from './accepted-admission.js';

const client: CalloutClient = { id: 7, host: '10.1.2.3', type: 'STANDARD' };
const now = 1_700_000_000_400;
const second = (ms: number) => Math.floor(ms / 1_000) * 1_000;

const one = await calloutSettings({ issuer: accountSeed(), accounts: ['ORDERS'] });
const two = await calloutSettings({
  issuer: accountSeed(),
  accounts: ['ORDERS', 'SHOP'],
  maxSession: 60_000,
});
const account = createAccount();
const operator = await calloutSettings({
  issuer: accountSeed(),
  accounts: [
    {
      name: 'orders',
      publicKey: account.getPublicKey(),
      keys: seedOf(account),
      scopes: { reader: accountSeed() },
    },
  ],
});

interface Circumstances {
  readonly settings?: CalloutSettings;
  readonly from?: Partial<CalloutClient>;
}

function accept(admission: unknown, { settings = one, from = {} }: Circumstances = {}) {
  return acceptedAdmission(admission as Admission, { client: { ...client, ...from } }, settings, now);
}

function faultOf(admission: unknown, circumstances?: Circumstances): AdmissionInvalidError | RefusedError {
  try {
    accept(admission, circumstances);
  } catch (error) {
    if (error instanceof AdmissionInvalidError || error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const invalid = (admission: unknown, circumstances?: Circumstances) => {
  const fault = faultOf(admission, circumstances);
  expect(fault).toBeInstanceOf(AdmissionInvalidError);
  return fault.message;
};

const refused = (admission: unknown, circumstances?: Circumstances) => {
  const fault = faultOf(admission, circumstances);
  return fault instanceof RefusedError ? fault.reason : fault.message;
};

describe('the account', () => {
  it('is the only one where the admission names none', () => {
    expect(accept({ name: 'ann' })).toMatchObject({ account: 'ORDERS', audience: 'ORDERS' });
    expect(accept({ name: 'ann' }, { settings: operator })).toMatchObject({ account: 'orders' });
    expect(invalid({ name: 'ann' }, { settings: two })).toContain("'account'");
  });

  it('is one of the options, or the client stays out', () => {
    expect(accept({ name: 'ann', account: 'SHOP' }, { settings: two }).audience).toBe('SHOP');
    for (const other of ['SYS', '$SYS', '$G', 'AUTH', 'shop', 'SHOP ', '__proto__', account.getPublicKey()])
      expect(refused({ name: 'ann', account: other }, { settings: two })).toBe('account');
  });
});

describe('a session', () => {
  it('ends after `maxSession` at the latest, whatever the authorizer says', () => {
    expect(accept({ name: 'ann' }).expiresAt).toBe(second(now + 3_600_000));
    expect(accept({ name: 'ann', expiresAt: now + 86_400_000 }).expiresAt).toBe(second(now + 3_600_000));
    expect(accept({ name: 'ann', account: 'SHOP' }, { settings: two }).expiresAt).toBe(second(now + 60_000));
    expect(accept({ name: 'ann', expiresAt: new Date(8.64e15) }).expiresAt).toBe(second(now + 3_600_000));
  });

  it('ends when the authorizer says, never a part of a second later', () => {
    for (const expiresAt of [now + 5_000, new Date(now + 5_000), now + 4_999.5])
      expect(accept({ name: 'ann', expiresAt }).expiresAt).toBe(1_700_000_005_000);
  });

  it('that would be over already does not begin', () => {
    for (const expiresAt of [now - 1, now, now + 599, new Date(now - 86_400_000)])
      expect(refused({ name: 'ann', expiresAt })).toBe('expired');
    expect(accept({ name: 'ann', expiresAt: now + 600 }).expiresAt).toBe(1_700_000_001_000);
  });

  it('does not take seconds for ms, nor what is no time', () => {
    expect(invalid({ name: 'ann', expiresAt: 1_700_003_600 })).toContain('looks like seconds');
    for (const expiresAt of [
      NaN,
      Infinity,
      -1,
      0,
      new Date(NaN),
      '2030-01-01',
      null,
      '1700000000000',
      true,
      {},
    ])
      expect(invalid({ name: 'ann', expiresAt })).toContain("'expiresAt'");
  });
});

describe('where a client comes from', () => {
  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.9.9.9/8', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3/32', '10.1.2.4', false],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['11.0.0.0/8', '10.1.2.3', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['2001:db8::/32', '2001:db8:1::2', true],
    ['2001:DB8::/32', '2001:0db8:0001:0:0:0:0:2', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '::1', true],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.1.2.3', false],
    ['::/0', '::ffff:10.1.2.3', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['0.0.0.0/0', '', false],
    ['0.0.0.0/0', 'localhost', false],
    ['0.0.0.0/0', '10.1.2.3:4222', false],
  ])('network %s, client %s', (source, host, isIn) => {
    const admission = { name: 'ann', allowedSources: ['198.51.100.0/24', source] };
    if (isIn) expect(accept(admission, { from: { host } }).name).toBe('ann');
    else expect(refused(admission, { from: { host } })).toBe('source');
  });

  it('must be a network', () => {
    const wrong = [
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0/8',
      '10.0.0.0/8 ',
      'localhost',
      '',
      '::/129',
      '::1%eth0',
      '::ffff:10.0.0.0/90',
      5,
      null,
      '010.0.0.1',
    ];
    for (const source of wrong)
      expect(invalid({ name: 'ann', allowedSources: ['10.0.0.0/8', source] })).toContain(
        "'allowedSources[1]'",
      );
    for (const sources of [[], '10.0.0.0/8', {}, null])
      expect(invalid({ name: 'ann', allowedSources: sources })).toContain("'allowedSources'");
  });
});

describe('how a client connects', () => {
  it('is one of the admission, or the client stays out', () => {
    const admission = { name: 'ann', connectionTypes: ['WEBSOCKET', 'MQTT'] };
    expect(accept(admission, { from: { type: 'WEBSOCKET' } }).name).toBe('ann');
    expect(refused(admission)).toBe('connection_type');
  });

  it('must be a way that nats-server knows', () => {
    for (const connectionTypes of [['standard'], [undefined], [], 'STANDARD', null, {}])
      expect(invalid({ name: 'ann', connectionTypes })).toContain("'connectionTypes");
  });
});

describe('permissions', () => {
  const claims = (permissions: unknown) => accept({ name: 'ann', permissions }).claims;
  const fault = (permissions: unknown) => invalid({ name: 'ann', permissions });

  it('are those of the account where there are none', () => {
    for (const none of [accept({ name: 'ann' }).claims, claims({})])
      expect(none).toEqual({ type: 'user', version: 2, subs: -1, data: -1, payload: -1 });
  });

  it('allow nothing where the list of what is allowed is empty', () => {
    expect(claims({ publish: { allow: [] } }).pub).toEqual({ deny: ['>'] });
    expect(claims({ subscribe: { allow: [], deny: ['a'] } }).sub).toEqual({ deny: ['>'] });
    expect(claims({ publish: { allow: ['a'], deny: [] } }).pub).toEqual({ allow: ['a'] });
    expect(claims({ publish: {} }).pub).toEqual({});
  });

  it('let a user answer', () => {
    expect(claims({ responses: true }).resp).toEqual({ max: 1, ttl: -1 });
    expect(claims({ responses: {} }).resp).toEqual({ max: 1, ttl: -1 });
    expect(claims({ responses: { max: 3, ttl: 0x7fffffff } }).resp).toEqual({
      max: 3,
      ttl: 2_147_483_647_000_000,
    });
    expect(claims({ responses: { max: Infinity } }).resp).toEqual({ max: -1, ttl: -1 });
    expect(claims({ responses: false })).not.toHaveProperty('resp');
  });

  it('leave allowed what is not denied, also beside answers', () => {
    expect(claims({ publish: { deny: ['a'] } }).pub).toEqual({ deny: ['a'] });
    // A server takes answers without a list of what is allowed for a user who may only answer.
    expect(claims({ publish: { deny: ['a'] }, responses: true }).pub).toEqual({ allow: ['>'], deny: ['a'] });
    expect(claims({ publish: { allow: [] }, responses: true }).pub).toEqual({ deny: ['>'] });
  });

  it.each([
    'a',
    'a.b',
    '*',
    '>',
    'a.*',
    '*.b',
    'a.>',
    '*.*.>',
    '$JS.API.>',
    '_INBOX.x',
    'ä.ö',
    'a-b_c/d',
    '{x}',
  ])('take the subject %s', (subject) => {
    for (const [side, claim] of [
      ['publish', 'pub'],
      ['subscribe', 'sub'],
    ] as const)
      expect(claims({ [side]: { allow: [subject], deny: [subject] } })[claim]).toEqual({
        allow: [subject],
        deny: [subject],
      });
    expect(claims({ subscribe: { allow: [{ subject, queue: subject }] } }).sub).toEqual({
      allow: [`${subject} ${subject}`],
    });
  });

  it.each<unknown>([
    '',
    ' ',
    'a b',
    ' a',
    'a\n',
    'a\tb',
    'a\u0000',
    'a..b',
    '.a',
    'a.',
    '.',
    'a.>.b',
    '>.a',
    '>>',
    'a*',
    '*a',
    'a.b>',
    'a.{{name()}}',
    5,
    null,
    undefined,
    ['a'],
    true,
  ])('do not take the subject %j', (subject) => {
    for (const side of ['publish', 'subscribe'])
      for (const list of ['allow', 'deny'])
        expect(fault({ [side]: { [list]: ['ok', subject] } })).toContain(`'permissions.${side}.${list}[1]'`);
    expect(fault({ subscribe: { allow: [{ subject: 'a', queue: subject }] } })).toContain(
      "'permissions.subscribe.allow[0].queue'",
    );
    expect(fault({ subscribe: { allow: [{ subject, queue: 'a' }] } })).toContain(
      "'permissions.subscribe.allow[0].subject'",
    );
  });

  it.each<[string, unknown]>([
    ['permissions', null],
    ['permissions', []],
    ['permissions', 'all'],
    ['permissions.pub', { pub: {} }],
    ['permissions.publish', { publish: ['a'] }],
    ['permissions.publish', { publish: 'a' }],
    ['permissions.publish', { publish: null }],
    ['permissions.publish', { publish: undefined }],
    ['permissions.publish.allow', { publish: { allow: 'a' } }],
    ['permissions.publish.allow', { publish: { allow: undefined } }],
    ['permissions.publish.deny', { publish: { deny: null } }],
    ['permissions.publish.alow', { publish: { alow: [] } }],
    ['permissions.publish.allow[0]', { publish: { allow: [{ subject: 'a', queue: 'b' }] } }],
    ['permissions.subscribe.allow[0].queue', { subscribe: { allow: [{ subject: 'a' }] } }],
    ['permissions.subscribe.allow[0].group', { subscribe: { allow: [{ subject: 'a', group: 'b' }] } }],
    ['permissions.responses', { responses: 1 }],
    ['permissions.responses', { responses: null }],
    ['permissions.responses.max', { responses: { max: 0 } }],
    ['permissions.responses.max', { responses: { max: 1.5 } }],
    ['permissions.responses.max', { responses: { max: NaN } }],
    ['permissions.responses.max', { responses: { max: '1' } }],
    ['permissions.responses.ttl', { responses: { ttl: 0 } }],
    ['permissions.responses.ttl', { responses: { ttl: NaN } }],
    ['permissions.responses.ttl', { responses: { ttl: Infinity } }],
    ['permissions.responses.ttl', { responses: { ttl: -1 } }],
    ['permissions.responses.ttl', { responses: { ttl: '5s' } }],
    ['permissions.responses.expires', { responses: { expires: 5 } }],
  ])('that make no sense are told by their place: %s', (field, permissions) => {
    expect(fault(permissions)).toContain(`'${field}'`);
  });
});

describe('a scope', () => {
  const scoped = (more: object) => invalid({ name: 'ann', scope: 'reader', ...more }, { settings: operator });

  it('leaves everything to its template', () => {
    expect(
      accept({ name: 'ann', scope: 'reader', tags: ['Team:Blue', 'team:blue'] }, { settings: operator })
        .claims,
    ).toEqual({
      type: 'user',
      version: 2,
      tags: ['team:blue'],
    });
    expect(scoped({ permissions: {} })).toContain("'permissions'");
  });

  it('is one of the account', () => {
    expect(scoped({ scope: 'writer' })).toContain("'scope'");
    expect(scoped({ scope: 'constructor' })).toContain("'scope'");
    expect(invalid({ name: 'ann', scope: 'reader' })).toContain('operator mode');
    expect(invalid({ name: 'ann', scope: undefined })).toContain("'scope'");
  });

  it('gets no wildcards from a name or a tag, which would widen its template', () => {
    for (const name of ['>', '*', 'a.>', '*.a', 'a.*.b']) expect(scoped({ name })).toContain("'name'");
    for (const tag of ['team:>', 'team:*', 'team:a.*'])
      expect(scoped({ tags: ['a', tag] })).toContain("'tags[1]'");
    expect(
      accept({ name: 'ann@example.com', scope: 'reader', tags: ['team:a*b'] }, { settings: operator }).name,
    ).toBe('ann@example.com');
    expect(accept({ name: '*' }).name).toBe('*');
  });
});

describe('what an authorizer returns', () => {
  it.each<[unknown]>([[undefined], [null], [true], [false], ['ann'], [42], [[]], [() => ({ name: 'ann' })]])(
    'is no admission: %s',
    (value) => {
      expect(invalid(value)).toContain('an authorizer returns an admission such as { name }');
    },
  );

  it.each<[unknown]>([
    [undefined],
    [''],
    [' '],
    [5],
    [null],
    ['a\nb'],
    ['a\u0000'],
    ['a\u2028b'],
    ['\u001b[31m'],
    ['a'.repeat(1_025)],
  ])('has a name that can stand in a log: not %j', (name) => {
    expect(invalid({ name })).toContain("'name'");
    expect(invalid({ name: 'ann', tags: [name] })).toContain("'tags[0]'");
    if (name !== undefined) expect(invalid({ name: 'ann', account: name })).toContain("'account'");
  });

  it.each(['subs', 'payload', 'data', 'src', 'allowed_connection_types', 'limits'])(
    'has no %s, which nobody would enforce',
    (field) => {
      expect(invalid({ name: 'ann', [field]: 5 })).toMatch(
        new RegExp(`'${field}' is unknown; nats-server ignores`),
      );
    },
  );

  it.each(['exp', 'aud', 'publish', 'Name', 'toString', '__proto__x'])(
    'has no field %s that nobody reads',
    (field) => {
      expect(invalid({ name: 'ann', [field]: 5 })).toContain(`'${field}' is unknown`);
    },
  );

  it.each(['permissions', 'scope', 'allowedSources', 'connectionTypes'])(
    'does not lift the limit %s by leaving it undefined',
    (field) => {
      expect(invalid({ name: 'ann', [field]: undefined })).toContain(`'${field}' is undefined`);
    },
  );

  it.each<[string, string]>([
    ['a JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln'],
    ['a seed', accountSeed()],
    ['a URL with a password', 'nats://ann:hunter2@host'],
  ])('shows neither in its message nor by its field %s that became a name in it', (_, secret) => {
    for (const [parent, admission] of [
      ['', { name: 'ann', [secret]: 5 }],
      ['permissions.publish.', { name: 'ann', permissions: { publish: { [secret]: 5 } } }],
    ] as const) {
      const fault = faultOf(admission);
      expect(JSON.stringify([fault, fault.message])).not.toContain(secret);
      expect((fault as AdmissionInvalidError).field).toContain(
        `${parent}${secret.startsWith('nats') ? 'nats://' : ''}[redacted]`,
      );
    }
  });

  it('may be of a class, and each field is read once', () => {
    class Ann {
      reads = 0;
      get name() {
        return this.reads++ === 0 ? 'ann' : 'root';
      }
    }
    const ann = new Ann();
    Object.defineProperty(ann, 'reads', { enumerable: false });
    expect(accept(ann).name).toBe('ann');
    expect(ann.reads).toBe(1);
  });
});
