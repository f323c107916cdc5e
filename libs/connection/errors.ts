import { ClosedError, describeError, NatsAuthError } from '../base/index.js';
import type { Role } from '../credentials/index.js';
import { DRIVERS, rangeOf, rangeOfPackage } from './drivers/driver-list.js';
import type { RejectionKind } from './dialling/server-error.js';

/**
 * The server refused or ended a connection for an authentication reason.
 * @public
 */
export class RejectedError extends NatsAuthError {
  override name = 'RejectedError';

  constructor(
    /** What kind of rejection it is, for metrics and decisions. */
    readonly kind: RejectionKind,
    /** What the server said, without secrets. */
    readonly serverMessage: string,
    hint = '',
  ) {
    super('REJECTED', `The NATS server rejected the credentials: '${serverMessage}'.${hint}`);
  }
}

/**
 * The server refused `CONNECT` for a reason that is not about authentication, or closed the connection instead of answering.
 * @public
 */
export class ConnectRefusedError extends NatsAuthError {
  override name = 'ConnectRefusedError';

  /**
   * @param serverMessage what the server said, without secrets; one that closes at once may not get its words through.
   */
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
 * The server, or the account, has no room for another connection.
 * @internal Its code is that of every refusal that is not about authentication.
 */
export class NoRoomError extends ConnectRefusedError {
  override name = 'NoRoomError';
}

/**
 * The connection was closed without a word after the credentials were shown. A server that rejects them may do so (nats-server 2.10 in
 * operator mode, when its auth callout is silent), or its words are lost in a reset; a network that breaks connections looks the same.
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
 * TLS is demanded, by `connection.tls` or a `tls://` address, and the server does not offer it. No credentials were sent.
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
 * What answers at an address is no NATS server, or something on the way garbles it.
 * @internal Its code is that of every dial that fails for what the other side says.
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
 * The `sign` of the user info failed, or returned no signature; `cause` says why.
 * @public
 */
export class SigningFailedError extends NatsAuthError {
  override name = 'SigningFailedError';

  constructor(cause: Error) {
    super('SIGNING_FAILED', `The signer of the user info failed: ${describeError(cause)}`, { cause });
  }
}

/**
 * A rotation could not be carried out. The old connection is still there, unless the message says that it is being dialled
 * again. `cause` says why.
 * @public
 */
export class RotationFailedError extends NatsAuthError {
  override name = 'RotationFailedError';

  /** @param dropped whether the connection was given up for one in its place, which did not come about. */
  constructor(role: Role, connection: string, cause: Error, dropped = false) {
    const outcome = dropped
      ? 'was dropped for new credentials and is being dialled again'
      : 'keeps its old credentials';
    super('ROTATION_FAILED', `The ${role} connection '${connection}' ${outcome}: ${describeError(cause)}`, {
      cause,
    });
  }
}

/**
 * The server refused a message, because the credentials have no permission for it.
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
 * There is no connection, or it was lost before the server had the message, or closed before the reply came.
 * @public
 */
export class DisconnectedError extends NatsAuthError {
  override name = 'DisconnectedError';

  constructor(problem: string) {
    super('DISCONNECTED', problem);
  }
}

/**
 * The nats.js package that this NestJS uses is not installed.
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
 * The nats.js package that is installed is not one that this library was built on.
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

/** The error of what is asked of the connection of a role that is closed, or being closed. */
export function connectionClosed({
  role,
  name,
}: {
  readonly role: Role;
  readonly name: string;
}): ClosedError {
  return new ClosedError(`The ${role} connection '${name}'`);
}

/** What to say of a server that would wait no longer while `sign` had not answered. */
export function slowSignerHint(signingMs: number): string {
  return (
    ` The signer ('sign') had not answered after ${Math.round(signingMs)} ms; the server's 'auth_timeout' is 2 s by` +
    ` default and counts from the opening of the connection: make the signer faster (a key in another region? a cold` +
    ` start?), or raise that limit in the server's configuration.`
  );
}

/** The server's default `max_control_line`, in bytes; a longer `CONNECT` is refused. */
const DEFAULT_MAX_CONTROL_LINE = 4_096;

/** What to say of a `CONNECT` that is, or may be, longer than the server takes. */
export function lengthHint(connectLength: number): string {
  return (
    ` CONNECT has about ${connectLength} bytes with these credentials; the server's 'max_control_line' is 4096 by` +
    ` default: use shorter credentials, or raise that limit in the server's configuration.`
  );
}
