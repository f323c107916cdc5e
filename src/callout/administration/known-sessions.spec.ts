import { describe, expect, it } from 'vitest';

import type { CalloutCredentials, CalloutRequest } from '../../../libs/callout/index.js';
import { KnownSessions } from './known-sessions.js';

const request = (id: number, credentials: CalloutCredentials) =>
  ({ credentials, client: { id }, server: { id: 'N1', name: 'n1' } }) as CalloutRequest;
const context = { signal: new AbortController().signal };
const ids = (known: KnownSessions, who: string) => known.of(who).map(({ id }) => id);

describe('the sessions that a callout knows', () => {
  const known = (most?: number) => {
    const sessions = new KnownSessions(most);
    const authorizer = sessions.following({
      authorize: ({ credentials: { user } }) => {
        if (user === 'nobody') throw new Error('no');
        return { name: 'x', account: 'APP' };
      },
    });
    const admit = (id: number, credentials: CalloutCredentials) =>
      authorizer.authorize(request(id, credentials), context);
    return { sessions, admit };
  };

  it('are those of a user name, an NKey and the subject of a JWT', async () => {
    const { sessions, admit } = known();
    await admit(1, { user: 'alice', nkey: { publicKey: 'U1', proven: true } });
    await admit(2, { jwt: { token: 'eyJ', subject: 'U1', proven: true } });
    expect(ids(sessions, 'alice')).toEqual([1]);
    expect(ids(sessions, 'U1')).toEqual([1, 2]);
    expect(sessions.of('U1')[0]).toEqual({ serverId: 'N1', serverName: 'n1', id: 1 });
    expect(ids(sessions, 'U2')).toEqual([]);
  });

  it('have none whom the authorizer has not admitted', async () => {
    const { sessions, admit } = known();
    await expect(admit(1, { user: 'nobody' })).rejects.toThrow('no');
    expect(ids(sessions, 'nobody')).toEqual([]);
  });

  it('are bounded: the oldest are forgotten, of all and of one that comes again and again', async () => {
    const { sessions, admit } = known(3);
    for (let id = 1; id <= 5; id++) await admit(id, { user: `user-${id}` });
    expect([1, 2, 3, 4, 5].flatMap((id) => ids(sessions, `user-${id}`))).toEqual([3, 4, 5]);
    const one = known();
    for (let id = 1; id <= 1_500; id++) await one.admit(id, { user: 'alice' });
    expect(ids(one.sessions, 'alice')).toHaveLength(1_000);
    expect(ids(one.sessions, 'alice').at(-1)).toBe(1_500);
  });
});
