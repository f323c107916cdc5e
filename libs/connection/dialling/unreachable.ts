import { describeError, NatsAuthError, withCauses } from '../../base/index.js';

/** Why a dial did not reach a server. */
export type UnreachableReason = 'name' | 'refused' | 'timeout' | 'tls' | 'closed' | 'other';

/**
 * A dial did not reach a NATS server: its name has no address, nothing listens there or answers in time, or TLS could not be
 * negotiated. Reported by the event `connectFailed`, the log and `NatsAuthService.status`; `cause` is the error of nats.js
 * or Node.js.
 * @public
 */
export class ServerUnreachableError extends NatsAuthError {
  override name = 'ServerUnreachableError';

  constructor(
    /** The `host:port` that was dialled. */
    readonly server: string,
    /** The kind of failure. */
    readonly reason: UnreachableReason,
    cause: Error,
  ) {
    const why = said(innermost(cause));
    super('SERVER_UNREACHABLE', `The NATS server ${server} cannot be reached: ${why}. ${HINTS[reason]}`, {
      cause,
    });
  }

  /**
   * Creates the error of a failed dial.
   * @param thrown what the dial failed with.
   * @internal
   */
  static of(server: string, thrown: Error): ServerUnreachableError {
    return new ServerUnreachableError(server, reasonOf(thrown), thrown);
  }
}

/**
 * Why a server cannot be reached in a few words, such as `ECONNREFUSED`, and what to do about it.
 */
export function whyUnreachable({ cause, reason }: ServerUnreachableError): { said: string; hint: string } {
  const error = innermost(cause as Error);
  const { code } = error as NodeJS.ErrnoException;
  return { said: isSystemCode(code) ? code : said(error), hint: HINTS[reason] };
}

/** Of Node.js: nats.js 2.x has codes of its own, which tell less than its messages. */
function isSystemCode(code: unknown): code is string {
  return typeof code === 'string' && /^(E[A-Z0-9]+|[A-Z_]*(CERT|SIGNATURE|ISSUER|ERR_)[A-Z_]*)$/.test(code);
}

function said(error: Error): string {
  return describeError(error).replace(SAYS_NOTHING, 'the connection was closed');
}

const HINTS: Readonly<Record<UnreachableReason, string>> = {
  name: `Its name has no address: check 'connection.servers' and the DNS.`,
  refused: 'Nobody listens at this address: is the server down, or the port another one?',
  timeout: 'Nobody answers at this address: is the host down, or does a firewall swallow packets?',
  tls: `TLS could not be agreed on: check the server's certificate, and 'ca', 'cert' and 'key' of 'connection.tls'.`,
  closed:
    'The connection ended before the server said anything: look at the server, and at what stands between.',
  other: 'It is dialled again.',
};

const KINDS: readonly (readonly [UnreachableReason, RegExp])[] = [
  ['name', /ENOTFOUND|EAI_|ENODATA|ESERVFAIL|EREFUSED|getaddrinfo|query[A-Z]/],
  ['refused', /ECONNREFUSED|connection.?refused/i],
  ['tls', /CERT|SIGNED|ISSUER|ERR_TLS|ERR_SSL|EPROTO|certificate|\bssl\b/i],
  ['closed', /ECONNRESET|EPIPE|undefined error/],
  ['timeout', /TIMEOUT|TIMEDOUT|EHOSTUNREACH|ENETUNREACH|did not answer within/i],
];

/** The message of nats.js for a socket that is closed before INFO. */
const SAYS_NOTHING = /^.*node provided an undefined error.*$/;

/** The innermost cause is the most specific: nats.js says of many failures that the connection was refused. */
function reasonOf(thrown: Error): UnreachableReason {
  for (const error of withCauses(thrown).toReversed()) {
    const text = `${String((error as NodeJS.ErrnoException).code)} ${describeError(error)}`;
    const kind = KINDS.find(([, pattern]) => pattern.test(text));
    if (kind) return kind[0];
  }
  return 'other';
}

function innermost(error: Error): Error {
  return withCauses(error).at(-1) ?? error;
}
