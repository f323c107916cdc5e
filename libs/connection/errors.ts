import { ClosedError, describeError, NatsAuthError } from '../base/index.js';
import type { Role } from '../credentials/index.js';
import { DRIVERS, rangeOf, rangeOfPackage } from './drivers/driver-list.js';
import type { RejectionKind } from './dialling/server-error.js';

export { SigningFailedError } from '../base/index.js';

/**
 * The server refused or ended a connection for an authentication reason.
 * @public
 */
export class RejectedError extends NatsAuthError {
  override name = 'RejectedError';

  constructor(
    /** The kind of rejection, for metrics and for decisions. */
    readonly kind: RejectionKind,
    /** The server's message, without secrets. */
    readonly serverMessage: string,
    hint = '',
  ) {
    super('REJECTED', `The NATS server rejected the credentials: '${serverMessage}'.${hint}`);
  }
}

/**
 * The server refused `CONNECT` for a reason other than authentication, or closed the connection instead of answering.
 * @public
 */
export class ConnectRefusedError extends NatsAuthError {
  override name = 'ConnectRefusedError';

  /** @param serverMessage the server's message, without secrets; `undefined` if it closed at once and the message did not arrive. */
  constructor(
    /** What the server said, without secrets; `undefined` when it hung up without a word. */
    readonly serverMessage: string | undefined,
    connectLength: number,
    options?: ErrorOptions,
    hint = '',
  ) {
    const refusal =
      serverMessage === undefined
        ? `The NATS server closed the connection before it answered CONNECT; its log tells why.`
        : `The NATS server refused CONNECT: '${serverMessage}'.`;
    const mayBeTooLong = serverMessage === undefined && connectLength > DEFAULT_MAX_CONTROL_LINE;
    super('CONNECT_REFUSED', refusal + hint + (mayBeTooLong ? lengthHint(connectLength) : ''), options);
  }
}

/**
 * The server or the account has reached its limit of connections. It shares its code with every refusal that is not about
 * authentication.
 */
export class NoRoomError extends ConnectRefusedError {
  override name = 'NoRoomError';
}

/**
 * The connection was closed without an error message after the credentials were sent. A server that rejects them may do so
 * (nats-server 2.10 in operator mode, when its auth callout does not answer), or its message was lost in a reset; a network
 * that breaks connections looks the same.
 * @public
 */
export class SuspectedRejectionError extends ConnectRefusedError {
  override name = 'SuspectedRejectionError';

  constructor(connectLength: number, options?: ErrorOptions) {
    super(
      undefined,
      connectLength,
      options,
      ' Either the network, or a proxy on the way, breaks connections, or the server rejected the credentials without a word, as' +
        ' some do when their auth callout does not answer.',
    );
  }
}

/**
 * TLS is required, by `connection.tls` or a `tls://` address, but the server does not offer it. No credentials were sent.
 * @public
 */
export class TlsUnavailableError extends NatsAuthError {
  override name = 'TlsUnavailableError';

  constructor(options?: ErrorOptions) {
    super(
      'TLS_UNAVAILABLE',
      `The server offers no TLS, which 'connection.tls' or a 'tls://' address in 'connection.servers' demands: no credentials were` +
        ` sent. Switch TLS on in the server's configuration and look for what stands between, or use 'nats://' and no 'tls'.`,
      options,
    );
  }
}

/**
 * The peer at an address is not a NATS server, or something in between corrupts the data.
 * @internal Shares its code with every dial that fails because of what the peer sent.
 */
export class NotNatsError extends NatsAuthError {
  override name = 'NotNatsError';

  constructor(cause: Error) {
    super(
      'CONNECT_REFUSED',
      'What answers at this address does not speak the NATS protocol: check host and port, and what stands between.',
      { cause },
    );
  }
}

/**
 * A rotation failed. The old connection is still there, unless the message says that it is being dialled again. `cause` says
 * why.
 * @public
 */
export class RotationFailedError extends NatsAuthError {
  override name = 'RotationFailedError';

  /** @param dropped whether the connection was dropped to reconnect in place, which then failed. */
  constructor(role: Role, connection: string, cause: Error, dropped = false) {
    const outcome = dropped
      ? 'was dropped for new credentials and is being dialled again'
      : 'keeps its old credentials';
    super(
      'ROTATION_FAILED',
      `The ${CONNECTION_OF[role]} '${connection}' ${outcome}: ${describeError(cause)}`,
      {
        cause,
      },
    );
  }
}

/**
 * The server refused a message because the credentials have no permission to publish it.
 * @public
 */
export class PublishRefusedError extends NatsAuthError {
  override name = 'PublishRefusedError';

  constructor(
    /** The subject that may not be published to. */
    readonly subject: string,
  ) {
    super(
      'PUBLISH_REFUSED',
      `The NATS server refused to publish to '${subject}': these credentials have no permission for it.`,
    );
  }
}

/**
 * The server refused subscriptions of handlers, and `handlers.failStart` says that the application is not to start without
 * them.
 * @public
 */
export class SubscriptionRefusedError extends NatsAuthError {
  override name = 'SubscriptionRefusedError';

  constructor(
    /** What was refused, each as a phrase without secrets. */
    readonly problems: readonly string[],
  ) {
    super(
      'SUBSCRIPTION_REFUSED',
      `The NATS server refused subscriptions of handlers: ${problems.join('; ')}. Grant the permission, raise the limit, or` +
        " name the handlers that may be refused in 'handlers.mayBeRefused'.",
    );
  }
}

/**
 * There is no connection, it was lost before the server had received the message, or it was closed before the reply arrived.
 * @public
 */
export class DisconnectedError extends NatsAuthError {
  override name = 'DisconnectedError';

  constructor(problem: string) {
    super('DISCONNECTED', problem);
  }
}

/**
 * The nats.js package that the installed NestJS uses is not installed.
 * @public
 */
export class DriverMissingError extends NatsAuthError {
  override name = 'DriverMissingError';

  constructor(driver: 'nats' | '@nats-io/transport-node', cause: unknown) {
    super(
      'DRIVER_MISSING',
      `The package '${driver}' is not installed: run \`npm install ${driver}@${rangeOfPackage(driver)}\`. In a bundle, install it where the` +
        ` bundler runs, or leave it out of the bundle ('external') and install it beside.`,
      { cause },
    );
  }
}

/**
 * The installed nats.js package is not a version that this library supports.
 * @public
 */
export class DriverUnsupportedError extends NatsAuthError {
  override name = 'DriverUnsupportedError';

  constructor(
    driver: 'nats' | '@nats-io/transport-node',
    version: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    const supported = DRIVERS.map((entry) => `${entry.package}@${rangeOf(entry)} (${entry.usedBy})`);
    super(
      'DRIVER_UNSUPPORTED',
      `${driver}@${version} ${problem}. Supported are ${supported.join(' and ')}.`,
      options,
    );
  }
}

/** How each driver makes what an application needs a connection for. */
const WAY_OF = {
  nats: "the methods of the connection (nc.jetstream(), nc.services) and the types of 'nats'",
  '@nats-io/transport-node':
    "the functions of @nats-io/jetstream, kv, obj and services, and the types of '@nats-io/transport-node'",
} as const;

/**
 * An injected connection is used as one of the other nats.js package, as can happen where both are installed.
 * @public
 */
export class DriverMismatchError extends NatsAuthError {
  override name = 'DriverMismatchError';

  /** @param member what only a connection of the other package has. */
  constructor(driver: 'nats' | '@nats-io/transport-node', member: string) {
    const other = driver === 'nats' ? '@nats-io/transport-node' : 'nats';
    super(
      'DRIVER_MISMATCH',
      `The connection is one of the package '${driver}', which this version of NestJS uses, and has no '${member}' as one of '${other}' has:` +
        ` use ${WAY_OF[driver]}.`,
    );
  }
}

/** What messages call the connection of each role. */
export const CONNECTION_OF: Readonly<Record<Role, string>> = {
  server: 'server connection',
  client: 'client connection',
  connection: 'injected connection',
};

/** The error for calls on the connection of a role that is closed or being closed. */
export function connectionClosed({
  role,
  name,
}: {
  readonly role: Role;
  readonly name: string;
}): ClosedError {
  return new ClosedError(`The ${CONNECTION_OF[role]} '${name}'`);
}

/** The hint for a server that timed out before `sign` had answered. */
export function slowSignerHint(signingMs: number): string {
  return (
    ` The signer ('sign') had not answered after ${Math.round(signingMs)} ms; the server's 'auth_timeout' is 2 s by` +
    ` default and counts from the opening of the connection: make the signer faster (a key in another region? a cold` +
    ` start?), or raise that limit in the server's configuration.`
  );
}

/** The server's default `max_control_line`, in bytes; a longer `CONNECT` is refused. */
const DEFAULT_MAX_CONTROL_LINE = 4_096;

/** The hint for a `CONNECT` that is, or may be, longer than the server allows. */
export function lengthHint(connectLength: number): string {
  return (
    ` CONNECT has about ${connectLength} bytes with these credentials; the server's 'max_control_line' is 4096 by` +
    ` default: use shorter credentials, or raise that limit in the server's configuration.`
  );
}
