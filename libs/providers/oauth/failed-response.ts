import { scrub } from '../../base/index.js';
import { TokenRequestError } from './token-request-error.js';

/** Refusals that may be different the next time, though they are in the range of the client's mistakes. */
const RETRYABLE_STATUSES = [408, 425, 429];
/** By these an authorization server says that the same request will be refused again (RFC 6749, 5.2; RFC 8707; OpenID Connect). */
const FINAL_CODE =
  /^(invalid|unauthorized|unsupported)_[a-z_]+$|^(access_denied|consent_required|interaction_required)$/;
const LONGEST_DESCRIPTION = 200;

/**
 * The error that an answer other than success stands for; its body is read for the OAuth error code (RFC 6749, 5.2). What carries
 * none comes from something before the authorization server, such as a gateway that is being deployed, and may be gone soon.
 */
export async function failedResponse(what: string, response: Response): Promise<TokenRequestError> {
  const { status } = response;
  const { code = '', description } = await oauthError(response);
  const mayRetry = status >= 500 || RETRYABLE_STATUSES.includes(status);
  const retryable = mayRetry || !FINAL_CODE.test(code);
  const said = [code, description].filter(Boolean).join(': ');
  return new TokenRequestError(
    `${what} answered ${status}${said && ` (${said})`}${advice(status, code, retryable)}.`,
    {
      status,
      retryable,
      retryAfterMs: retryAfterOf(response),
    },
  );
}

/** Seconds or a date in `Retry-After` (RFC 9110, 10.2.3), in ms from now. */
export function retryAfterOf({ headers }: Response): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function advice(status: number, code: string, retryable: boolean): string {
  if (!retryable) return `; it will do so again until the client's registration or these options change`;
  if (status >= 300 && status < 400)
    return `, a redirect, and none is followed with a secret: give the address that it leads to, or look at the gateway before it`;
  if (code === '' && status < 500) return `, without an OAuth error: a gateway or proxy before it may have`;
  return '';
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
