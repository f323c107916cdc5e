import { boundedBytes, OptionsInvalidError } from '../../base/index.js';

/**
 * Sends one request of a provider in the place of Node.js's `fetch`, which is one, too. It follows no redirect: a secret would go
 * along.
 * @public
 */
export type OAuthFetch = (url: string, request: OAuthRequest) => Promise<OAuthResponse>;

/**
 * What is sent: a subset of the standard's `RequestInit`.
 * @public
 */
export interface OAuthRequest {
  /** `GET` or `POST`. */
  readonly method: string;
  /** Headers of the request, by name. */
  readonly headers: Record<string, string>;
  /** A form, URL-encoded; absent for `GET`. */
  readonly body?: string;
  /** No redirect is followed: it would take secrets elsewhere. */
  readonly redirect: 'manual';
  /** Aborted on time-out, on close and on application shutdown. */
  readonly signal?: AbortSignal;
}

/**
 * What came: a subset of the standard's `Response`.
 * @public
 */
export interface OAuthResponse {
  /** The HTTP status. */
  readonly status: number;
  /** `get()` gives the header of that name, in any case of letters, or null. */
  readonly headers: Pick<Headers, 'get'>;
  /** A stream of bytes, such as a `ReadableStream` or a `Readable`; null for none. */
  readonly body: unknown;
}

/** The shape in which the OAuth library asks for a fetch. */
export type LibraryFetch = (
  url: string,
  request: {
    method: string;
    headers: Record<string, string>;
    body?: URLSearchParams | null;
    signal?: AbortSignal;
  },
) => Promise<Response>;

/** No metadata and no token are longer, in bytes after decompression; an answer without an end is. */
const LONGEST_BODY = 1_048_576;

/**
 * A fetch whose answers are there as a whole, and are none when they are too long.
 * @param option names where `send` comes from.
 */
export function boundedFetch(option: string, send: OAuthFetch): LibraryFetch {
  return async (url, { method, headers, body, signal }) => {
    const answer = await send(url, { method, headers, body: body?.toString(), redirect: 'manual', signal });
    if (typeof (answer as OAuthResponse | undefined)?.status !== 'number')
      throw new OptionsInvalidError(option, 'the function gave no response.');
    const bytes = await boundedBytes(answer.body, LONGEST_BODY);
    // A response with one of these statuses may have no body.
    const isEmpty = [204, 205, 304].includes(answer.status);
    return new Response(isEmpty ? null : bytes, { status: answer.status, headers: headersOf(answer) });
  };
}

/** What is read of them. */
function headersOf({ headers }: OAuthResponse): [string, string][] {
  return ['content-type', 'retry-after'].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] satisfies [string, string]];
  });
}
