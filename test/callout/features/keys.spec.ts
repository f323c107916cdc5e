import { setTimeout as later } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { connect } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import { accountKeys, curveKeys, pairOf } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';

describe.each(LANES)('$label: the keys', (lane) => {
  it.each(['newer', 'older'] as const)(
    'can be changed for sealed requests: the %s one opens',
    async (which) => {
      const keys = { newer: curveKeys(), older: curveKeys() };
      const place = await configMode(lane, {
        xkey: [keys.newer.seed, keys.older.seed],
        server: { xkey: keys[which].publicKey },
      });
      await connect(lane, place.server, ALICE);
      expect(place.callout.messages.at(-1)?.string()).not.toMatch(/^eyJ/);
    },
  );

  it.each(['newer', 'older'] as const)(
    'can be changed for answers: the server that asks for the %s gets it',
    async (which) => {
      const keys = { newer: accountKeys(), older: accountKeys() };
      const { server } = await configMode(lane, {
        issuer: [keys.newer.seed, keys.older.seed],
        server: { issuer: keys[which].publicKey },
      });
      await connect(lane, server, ALICE);
    },
  );

  it('may stay in a key management service that takes its time', async () => {
    const key = accountKeys();
    let signed = 0;
    const { server } = await configMode(lane, {
      issuer: {
        publicKey: key.publicKey,
        sign: async (data) => {
          signed++;
          await later(50);
          return pairOf(key).sign(data);
        },
      },
      server: { issuer: key.publicKey },
    });
    await connect(lane, server, ALICE);
    // The user and the answer.
    expect(signed).toBe(2);
  });
});
