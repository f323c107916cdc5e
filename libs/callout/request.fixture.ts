import type { Admission } from './admission.js';
import type { Authorizer } from './authorizer.js';
import type { CalloutRequest } from './request/callout-request.js';

/** A request of a client that presents this, from a server that there is. */
export function requestOf(
  credentials: CalloutRequest['credentials'],
  facts: Partial<CalloutRequest> = {},
): CalloutRequest {
  return {
    credentials,
    client: { id: 7, host: '127.0.0.1', type: 'STANDARD' },
    server: { id: `N${'A'.repeat(55)}`, name: 'n0', host: '0.0.0.0', tags: [] },
    userNkey: `U${'A'.repeat(55)}`,
    ...facts,
  };
}

/** One call, as the engine makes it. */
export async function authorized(
  authorizer: Authorizer,
  request: CalloutRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Admission> {
  return authorizer.authorize(request, { signal });
}

/** What an authorizer throws at a request; `undefined` when it admits. */
export async function refusalOf(authorizer: Authorizer, request: CalloutRequest): Promise<unknown> {
  return authorized(authorizer, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}
