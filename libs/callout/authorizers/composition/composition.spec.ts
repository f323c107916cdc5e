import { describe, expect, it } from 'vitest';

import { OptionsInvalidError } from '../../../base/index.js';
import { REFUSAL_REASONS, type RefusalReason, RefusedError } from '../../errors.js';
import { authorized, refusalOf, requestOf } from '../../request.fixture.js';
import { counting } from './composition.fixture.js';
import { firstAuthorizer } from './first-authorizer.js';
import { mapAdmission } from './map-admission.js';

const REQUEST = requestOf({ token: 't' });
const admits = (name: string) => counting(() => ({ name }));
const refuses = (reason: RefusalReason, message: string = reason) =>
  counting(() => Promise.reject(new RefusedError(message, { reason })));

describe('the first of several authorizers', () => {
  it('that admits a client is the last that is asked', async () => {
    const [first, second] = [admits('first'), admits('second')];
    expect(await authorized(firstAuthorizer(first, second), REQUEST)).toEqual({ name: 'first' });
    expect(second.calls).toHaveLength(0);
  });

  it.each(REFUSAL_REASONS)(
    'that refuses a client (%s) has the last word, unless it does not know it',
    async (reason) => {
      const second = admits('second');
      const asked = authorized(firstAuthorizer(refuses(reason), second), REQUEST);
      if (reason === 'unknown' || reason === 'credentials') expect(await asked).toEqual({ name: 'second' });
      else await expect(asked).rejects.toMatchObject({ reason });
    },
  );

  it('that fails has the last word: it might have refused the client', async () => {
    const second = admits('second');
    const fails = counting(() => {
      throw new Error('the database is away');
    });
    await expect(authorized(firstAuthorizer(fails, second), REQUEST)).rejects.toThrow('is away');
    expect(second.calls).toHaveLength(0);
  });

  it('say all why nobody of them admits a client', async () => {
    const all = firstAuthorizer(refuses('unknown', 'Not here.'), refuses('credentials', 'Wrong.'));
    expect(await refusalOf(all, REQUEST)).toMatchObject({
      reason: 'credentials',
      message: 'Not here. Wrong.',
    });
    const none = firstAuthorizer(refuses('unknown'), refuses('unknown'));
    expect(await refusalOf(none, REQUEST)).toMatchObject({ reason: 'unknown' });
  });

  it('are not asked any more when nobody waits for the answer', async () => {
    const gone = new AbortController();
    const first = counting(() => {
      gone.abort(new Error('nobody waits'));
      throw new RefusedError('no');
    });
    const second = admits('second');
    await expect(authorized(firstAuthorizer(first, second), REQUEST, gone.signal)).rejects.toThrow('nobody');
    expect(second.calls).toHaveLength(0);
  });

  it.each([[[]], [[undefined]], [[{}]], [[admits('x'), () => ({})]]])('must be authorizers: %#', (given) => {
    expect(() => firstAuthorizer(...(given as never[]))).toThrow(OptionsInvalidError);
  });
});

describe('a mapped admission', () => {
  it('is what the function makes of it and of the request', async () => {
    const mapped = mapAdmission(admits('orders'), (admission, { client }) => ({
      ...admission,
      tags: [client.host],
    }));
    expect(await authorized(mapped, REQUEST)).toEqual({ name: 'orders', tags: ['127.0.0.1'] });
  });

  it('is none where the authorizer refuses', async () => {
    const mapped = mapAdmission(refuses('expired'), () => ({ name: 'admin' }));
    expect(await refusalOf(mapped, REQUEST)).toMatchObject({ reason: 'expired' });
  });
});
