import { describe, expect, it } from 'vitest';

import { type ClientOptions, clientSettings } from './client-options.js';

describe('the client options', () => {
  it('have defaults', () => {
    expect(clientSettings()).toEqual({
      whileDisconnected: 'wait',
      maxWaiting: 10_000,
      replyAfterLoss: 3_000,
      awaitResponders: 5_000,
      releaseDelay: 250,
      inbox: 'shared',
    });
  });

  it.each<[ClientOptions, RegExp]>([
    [{ inbox: 'own' as never }, /client\.inbox.*'shared' or 'perRequest', got 'own'/],
    [{ whileDisconnected: 'hope' as never }, /client\.whileDisconnected.*'wait' or 'fail', got 'hope'/],
    [{ maxWaiting: 0 }, /client\.maxWaiting/],
    [{ replyAfterLoss: -1 }, /client\.replyAfterLoss/],
    [{ replyAfterLoss: true as never }, /client\.replyAfterLoss/],
    [{ awaitResponders: Infinity }, /client\.awaitResponders/],
    [{ releaseDelay: '1s' as never }, /client\.releaseDelay/],
    [{ inboxes: 1 } as never, /client\.inboxes/],
  ])('%j is refused with the name of the option', (options, message) => {
    expect(() => clientSettings(options)).toThrow(message);
  });
});
