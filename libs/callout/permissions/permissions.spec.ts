import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../base/index.js';
import type { UserPermissions } from '../admission.js';
import { clientPermissions } from './client-permissions.js';
import { handoverPermissions } from './handover-permissions.js';
import { jetstreamPermissions } from './jetstream-permissions.js';
import { mergePermissions } from './merge-permissions.js';
import { servicePermissions } from './service-permissions.js';

const IN_GROUP = { subject: 'orders.get', queue: 'workers' };

describe('merged permissions', () => {
  it.each<[string, UserPermissions[], UserPermissions]>([
    [
      'allow what any of them allows, and deny what any of them denies',
      [{ publish: { allow: ['a'], deny: ['x'] } }, { publish: { allow: ['b', 'a'], deny: ['y'] } }],
      { publish: { allow: ['a', 'b'], deny: ['x', 'y'] } },
    ],
    [
      'allow no more for one that says nothing, or denies alone',
      [{ publish: { allow: ['a'] } }, { subscribe: { allow: ['b'] } }, { publish: { deny: ['x'] } }],
      { publish: { allow: ['a'], deny: ['x'] }, subscribe: { allow: ['b'] } },
    ],
    ['allow nothing where none of them does', [{ publish: { allow: [] } }, {}], { publish: { allow: [] } }],
    [
      'do not limit a subject to the groups that another one names',
      [{ subscribe: { allow: [IN_GROUP] } }, { subscribe: { allow: ['orders.*'] } }],
      { subscribe: { allow: ['orders.*'] } },
    ],
    [
      'keep groups of a subject that no other covers, each once',
      [
        { subscribe: { allow: [IN_GROUP, 'orders'] } },
        { subscribe: { allow: [{ ...IN_GROUP }, 'orders.get.*'] } },
      ],
      { subscribe: { allow: [IN_GROUP, 'orders', 'orders.get.*'] } },
    ],
    [
      'answer as often and as long as any of them',
      [{ responses: true }, { responses: { max: 3, ttl: 100 } }, { responses: false }],
      { responses: { max: 3 } },
    ],
    [
      'answer for as long as the longest',
      [{ responses: { max: Infinity, ttl: 5 } }, { responses: { ttl: 100 } }],
      { responses: { max: Infinity, ttl: 100 } },
    ],
    ['are none of none', [], {}],
  ])('%s', (_, all, merged) => {
    expect(mergePermissions(...all)).toEqual(merged);
  });
});

describe('a builder of permissions', () => {
  it.each<[string, () => unknown]>([
    ['clientPermissions.inboxPrefix', () => clientPermissions({ inboxPrefix: '>' })],
    ['clientPermissions.inboxPrefix', () => clientPermissions({ inboxPrefix: '_INBOX.*' })],
    ['clientPermissions.sends', () => clientPermissions({ sends: 'orders' as never })],
    ['clientPermissions.sends[1]', () => clientPermissions({ sends: ['orders', 'a b'] })],
    ['clientPermissions.send', () => clientPermissions({ send: ['orders'] } as never)],
    ['servicePermissions.queue', () => servicePermissions({ handles: [], queue: '>' })],
    ['servicePermissions.handles[0]', () => servicePermissions({ handles: [''] })],
    ['handoverPermissions.inboxPrefix', () => handoverPermissions({ inboxPrefix: '' })],
    ['jetstreamPermissions.streams[0].name', () => jetstreamPermissions({ streams: [{ name: '*' }] })],
    [
      'jetstreamPermissions.streams[0].reads',
      () => jetstreamPermissions({ streams: [{ name: 'A', reads: ['>'] }] }),
    ],
    ['jetstreamPermissions.buckets[0].name', () => jetstreamPermissions({ buckets: [{ name: 'a.>' }] })],
    [
      'jetstreamPermissions.stores[0].write',
      () => jetstreamPermissions({ stores: [{ name: 'a', write: true } as never] }),
    ],
    ['jetstreamPermissions.domain', () => jetstreamPermissions({ domain: 'a.b' })],
  ])('refuses a wildcard or a typing error that would allow other things: %s', (option, build) => {
    expect(build).toThrow(OptionsInvalidError);
    expect(build).toThrow(`'${option}'`);
  });

  it('speaks to the API of a domain', () => {
    const { publish } = jetstreamPermissions({ domain: 'hub', streams: [{ name: 'A' }] });
    expect(publish?.allow).toEqual(['$JS.hub.API.INFO', '$JS.hub.API.STREAM.INFO.A']);
  });
});
