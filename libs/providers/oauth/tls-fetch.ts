import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: URLSearchParams | null;
    signal?: AbortSignal;
  },
) => Promise<Response>;

/**
 * A fetch over connections with these certificates: Node.js's own takes none without another package. No redirect is
 * followed.
 */
export function fetchWithTls(tls: TlsMaterial): Fetch {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, signal, ...tls }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('error', reject);
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => resolve(responseOf(incoming, Buffer.concat(chunks))));
      });
      outgoing.on('error', reject);
      outgoing.end(body?.toString());
    });
}

function responseOf({ statusCode = 502, headers }: IncomingMessage, body: Buffer): Response {
  const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  // A response with one of these statuses may have no body.
  const isEmpty = [204, 205, 304].includes(statusCode);
  return new Response(isEmpty ? null : new Uint8Array(body), { status: statusCode, headers: fields });
}
