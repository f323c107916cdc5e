import { describe, expect, it } from 'vitest';

import { DRIVERS } from '../../drivers/drivers.js';
import { BESIDE_SENTINEL, CREDS, JWT_AND_SEED, NKEY_SEED, PASSWORD, TOKEN } from '../places/index.js';
import { lookIntoHeap } from './heap.js';

const NOTHING = { present: [], retired: [] };

// Not those whose secrets no heap snapshot shows: a `.creds` file in a buffer, and the key of a signer.
describe.each([PASSWORD, TOKEN, CREDS, JWT_AND_SEED, NKEY_SEED, BESIDE_SENTINEL])(
  '$kind in the heap of a service',
  (kind) => {
    it('is there while it is in use, and no longer once newer user info has taken its place', async () => {
      const found = await lookIntoHeap({ script: 'service.mjs', kind, moment: 'serving' });
      expect(found.retired).toEqual([]);
      expect(found.missing).toEqual([]);
    });

    it('is gone after the close, also while the application and its connections are held', async () => {
      expect(await lookIntoHeap({ script: 'service.mjs', kind, moment: 'held' })).toMatchObject(NOTHING);
    });
  },
);

it('a .creds file is gone from the heap when nobody holds the application any more', async () => {
  expect(await lookIntoHeap({ script: 'service.mjs', kind: CREDS, moment: 'dropped' })).toMatchObject(
    NOTHING,
  );
});

describe.each(DRIVERS)('a .creds file in the heap, with $label', ({ driver, packageName }) => {
  const look = { script: 'connection.mjs', kind: CREDS, driver: [driver.name, packageName] } as const;

  it('is there while it is in use, and no longer once newer user info has taken its place', async () => {
    const found = await lookIntoHeap({ ...look, moment: 'serving' });
    expect(found.retired).toEqual([]);
    expect(found.missing).toEqual([]);
  });

  it('is gone after the close, also while the connections are held', async () => {
    expect(await lookIntoHeap({ ...look, moment: 'held' })).toMatchObject(NOTHING);
  });
});
