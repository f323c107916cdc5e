import { scrub } from '../../credentials/index.js';
import { TokenRequestError } from './token-request-error.js';

/** Refusals that may be different the next time, though they are in the range of the client's mistakes. */
const RETRYABLE_STATUSES = [408, 425, 429];
const LONGEST_DESCRIPTION = 200;

/** The error that an answer other than success stands for; its body is read for the OAuth error code (RFC 6749, 5.2). */
export async function failedResponse(what: string, response: Response): Promise<TokenRequestError> {
  const { status } = response;
  const { code, description } = await oauthError(response);
  const retryable =
    status >= 500 || RETRYABLE_STATUSES.includes(status) || code === 'temporarily_unavailable';
  const said = [code, description].filter(Boolean).join(': ');
  const advice = retryable
    ? ''
    : `; it will do so again until the client's registration or these options change`;
  return new TokenRequestError(`${what} answered ${status}${said && ` (${said})`}${advice}.`, {
    status,
    retryable,
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  });
}

async function oauthError(response: Response): Promise<{ code?: string; description?: string }> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) return {};
  const { error, error_description: description } = body as { error?: unknown; error_description?: unknown };
  return { code: text(error), description: text(description) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? scrub(value).slice(0, LONGEST_DESCRIPTION) : undefined;
}

/** Seconds or a date (RFC 9110, 10.2.3), in ms from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
