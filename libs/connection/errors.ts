import { NatsAuthError, scrub } from '../credentials/index.js';
import { DRIVER_PACKAGES, type DriverName } from './drivers/driver.js';
import type { RejectionKind } from './rejection.js';

/**
 * The server refused or ended a connection for an authentication reason.
 * @public
 */
export class RejectedError extends NatsAuthError {
  constructor(
    /** What kind of rejection it is, for metrics and decisions. */
    readonly kind: RejectionKind,
    /** What the server said. */
    readonly serverMessage: string,
    hint = '',
  ) {
    super('REJECTED', `The NATS server rejected the credentials: '${scrub(serverMessage)}'.${hint}`);
  }
}

/**
 * The server answered `CONNECT` with an error that is not about authentication.
 * @public
 */
export class ConnectRefusedError extends NatsAuthError {
  constructor(readonly serverMessage: string) {
    super(
      'CONNECT_REFUSED',
      `The NATS server refused CONNECT: '${scrub(serverMessage)}'.${refusalHint(serverMessage)}`,
    );
  }
}

/**
 * The nats.js package that this NestJS uses is not installed.
 * @public
 */
export class DriverMissingError extends NatsAuthError {
  constructor(driver: DriverName, cause: unknown) {
    super(
      'DRIVER_MISSING',
      `The package '${driver}' is not installed: run \`npm install ${driver}@${rangeOf(driver)}\`.`,
      { cause },
    );
  }
}

/**
 * The nats.js package that is installed is not one that this library was built on.
 * @public
 */
export class DriverUnsupportedError extends NatsAuthError {
  constructor(driver: DriverName, version: string, problem: string) {
    const supported = (Object.keys(DRIVER_PACKAGES) as DriverName[])
      .map((name) => `${name}@${rangeOf(name)} (${DRIVER_PACKAGES[name].usedBy})`)
      .join(' and ');
    super('DRIVER_UNSUPPORTED', `${driver}@${version} ${problem}. Supported are ${supported}.`);
  }
}

function rangeOf(driver: DriverName): string {
  return `^${DRIVER_PACKAGES[driver].from.join('.')}.0`;
}

function refusalHint(serverMessage: string): string {
  if (!/maximum control line exceeded/i.test(serverMessage)) return '';
  return (
    ` The credentials make CONNECT longer than the server's 'max_control_line' (4,096 bytes by default):` +
    ` use a shorter token, or raise that limit in the server's configuration.`
  );
}
