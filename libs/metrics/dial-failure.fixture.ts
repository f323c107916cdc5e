import type { NatsAuthError } from '../base/index.js';
import {
  ConnectRefusedError,
  NoRoomError,
  ServerUnreachableError,
  SigningFailedError,
  TlsUnavailableError,
  type UnreachableReason,
} from '../connection/index.js';
import type { DialFailureError } from './dial-failure.js';

const unreachable = (reason: UnreachableReason) => new ServerUnreachableError('a:1', reason, new Error('no'));

/** Errors of dials, by what the metric calls them. */
export const DIAL_ERRORS: Readonly<Record<DialFailureError, readonly NatsAuthError[]>> = {
  name: [unreachable('name')],
  refused: [unreachable('refused')],
  timeout: [unreachable('timeout')],
  tls: [unreachable('tls'), new TlsUnavailableError()],
  closed: [unreachable('closed'), new ConnectRefusedError(undefined, 0)],
  capacity: [new NoRoomError('maximum connections exceeded', 0)],
  signing: [new SigningFailedError(new Error('no'))],
  other: [unreachable('other'), new ConnectRefusedError('not now', 0)],
};
