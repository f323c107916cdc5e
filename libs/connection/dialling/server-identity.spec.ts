import { describe, expect, it } from 'vitest';

import { identityOf, isSameServer } from './server-identity.js';

const plain = (said: string) => said;

describe('a server', () => {
  it('is known by its id, and told by its name', () => {
    expect(identityOf({ server_id: 'NAAA', server_name: 'n0' }, plain)).toEqual({
      serverId: 'NAAA',
      serverName: 'n0',
    });
  });

  it('is the same when its id is, whatever its name', () => {
    expect(isSameServer({ serverId: 'NAAA', serverName: 'a' }, { serverId: 'NAAA', serverName: 'b' })).toBe(
      true,
    );
    expect(isSameServer({ serverId: 'NAAA', serverName: 'a' }, { serverId: 'NBBB', serverName: 'a' })).toBe(
      false,
    );
  });

  it('that does not say its id is not taken for another one that does not', () => {
    expect(isSameServer({}, {})).toBe(false);
  });

  it.each([
    undefined,
    { server_id: 7, server_name: null },
    { server_id: 'a b', server_name: 'x'.repeat(1_000) },
  ])('that says %j of itself has no id or name to tell', (info) => {
    expect(identityOf(info, plain)).toEqual({});
  });

  it('has nothing in its name that it was shown', () => {
    const quote = (said: string) => said.replace('secret', '[redacted]');
    expect(identityOf({ server_name: 'says-secret' }, quote).serverName).toBe('says-[redacted]');
  });
});
