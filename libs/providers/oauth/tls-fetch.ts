import { request } from 'node:https';

import type { OAuthFetch } from './bounded-fetch.js';

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * A fetch over connections with these certificates: Node.js's own takes none without another package. It goes through a proxy
 * where the global agent does, which is the runtime's affair.
 */
export function fetchWithTls(tls: TlsMaterial): OAuthFetch {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, signal, ...tls }, (incoming) => {
        // The reader of the body gets the error as well; without a listener it would end the process.
        incoming.on('error', () => {});
        const get = (name: string) => incoming.headers[name]?.toString() ?? null;
        resolve({ status: incoming.statusCode ?? 502, headers: { get }, body: incoming });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}
