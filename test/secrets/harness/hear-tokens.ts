import { onTestFinished, vi } from 'vitest';

import type { Secrets } from './secrets.js';

/** Takes every access token that this process fetches, until the test ends, for a secret. */
export function hearTokens(secrets: Secrets): void {
  const realFetch = globalThis.fetch;
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const response = await realFetch(input, init);
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => undefined);
    const { access_token: token } = (body ?? {}) as { access_token?: unknown };
    if (typeof token === 'string') secrets.keep('access token', token);
    return response;
  });
  onTestFinished(() => spy.mockRestore());
}
