import {
  ConnectRefusedError,
  type NatsAuthEvents,
  RejectedError,
  ServerUnreachableError,
  whyUnreachable,
} from '../../libs/connection/index.js';
import { describeError, type NatsAuthError } from '../../libs/base/index.js';
import { duration, some } from './words.js';

/** So many addresses, and so many reasons, show where the trouble lies. */
const MOST_ADDRESSES = 3;
const MOST_REASONS = 3;

/** A dial that failed, or was rejected. */
export interface FailedDial {
  readonly server: string;
  readonly error: NatsAuthError;
}

/** Groups the errors of dials: two of a kind differ at most in the address. */
export function kindOf(error: NatsAuthError): string {
  if (error instanceof ServerUnreachableError) return `${error.code} ${error.reason}`;
  const said = error instanceof RejectedError || error instanceof ConnectRefusedError;
  return `${error.name} ${said ? String(error.serverMessage) : ''}`;
}

/** What one dial came to, with how far the outage has come, and what to do about it. */
export function dialFailed({ server, error, ...progress }: NatsAuthEvents['connectFailed']): string {
  if (!(error instanceof ServerUnreachableError))
    return `not connected to ${server}: ${describeError(error).replace(/\.$/, '')} ${inBrackets(progress)}`;
  const { said, hint } = whyUnreachable(error);
  return `cannot reach ${server}: ${said} ${inBrackets(progress)}. ${hint}`;
}

/** What the dials of several addresses came to, those with the same reason together. */
export function dialsFailed(dials: readonly FailedDial[], progress: Progress): string {
  const byReason = new Map<string, Set<string>>();
  for (const { server, error } of dials) {
    const reason = inShort(error);
    byReason.set(reason, (byReason.get(reason) ?? new Set()).add(server));
  }
  const groups = [...byReason].map(([reason, servers]) => `${some([...servers], MOST_ADDRESSES)}: ${reason}`);
  const verb = dials.every(({ error }) => error instanceof ServerUnreachableError)
    ? 'cannot reach'
    : 'not connected to';
  return `${verb} ${groups.slice(0, MOST_REASONS).join('; ')} ${inBrackets(progress)}`;
}

/** What a server said to the user info. */
export function rejection({ server, error, user }: Omit<NatsAuthEvents['rejected'], 'attempt'>): string {
  const whose = user === undefined ? 'the credentials' : `the credentials of ${user}`;
  return describeError(error)
    .replace('The NATS server', server)
    .replace('the credentials', whose)
    .replace(/\.$/, '');
}

/** How far an outage has come. */
export interface Progress {
  readonly attempt: number;
  readonly downMs: number;
}

export function inBrackets({ attempt, downMs }: Progress): string {
  return `(attempt ${attempt}, ${duration(downMs)})`;
}

function inShort(error: NatsAuthError): string {
  if (error instanceof ServerUnreachableError) return whyUnreachable(error).said;
  if (error instanceof RejectedError || error instanceof ConnectRefusedError)
    return error.serverMessage === undefined ? 'closed without an answer' : `'${error.serverMessage}'`;
  return error.code;
}
