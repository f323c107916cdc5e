import { describe, expect, it } from 'vitest';

import { DRIVERS } from '../../drivers/drivers.js';
import { CREDS, JWT_AND_SEED, NKEY_SEED, PASSWORD, TOKEN } from '../places/index.js';
import { lookIntoHeap } from './heap.js';

const NOTHING = { present: [], retired: [] };

describe.each([PASSWORD, TOKEN, CREDS, JWT_AND_SEED, NKEY_SEED])('$kind in the heap of a service', (kind) => {
  it('is there while it is in use, and no longer once newer user info has taken its place', async () => {
    const found = await lookIntoHeap({ script: 'service.mjs', kind, moment: 'serving' });
    expect(found.retired).toEqual([]);
    // It would be a search in vain that does not find what must be there.
    expect(found.present).not.toEqual([]);
  });

  it('is gone after the close, also while the application and its connections are held', async () => {
    expect(await lookIntoHeap({ script: 'service.mjs', kind, moment: 'held' })).toEqual(NOTHING);
  });
});

it('a .creds file is gone from the heap when nobody holds the application any more', async () => {
  expect(await lookIntoHeap({ script: 'service.mjs', kind: CREDS, moment: 'dropped' })).toEqual(NOTHING);
});

describe.each(DRIVERS)('a .creds file in the heap, with $label', ({ driver, packageName }) => {
  const look = { script: 'connection.mjs', kind: CREDS, driver: [driver.name, packageName] } as const;

  it('is there while it is in use, and no longer once newer user info has taken its place', async () => {
    const found = await lookIntoHeap({ ...look, moment: 'serving' });
    expect(found.retired).toEqual([]);
    expect(found.present).not.toEqual([]);
  });

  it('is gone after the close, also while the connections are held', async () => {
    expect(await lookIntoHeap({ ...look, moment: 'held' })).toEqual(NOTHING);
  });
});
