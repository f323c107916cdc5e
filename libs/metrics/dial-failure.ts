import {
  ConnectRefusedError,
  NoRoomError,
  ServerUnreachableError,
  SigningFailedError,
  TlsUnavailableError,
  type UnreachableReason,
} from '../connection/index.js';

/** Why a dial failed, when it was not a rejection; the values of the metric label `error`. */
export type DialFailureError = UnreachableReason | 'capacity' | 'signing';

/** The kind of the error of a dial. */
export function dialFailureOf(error: Error): DialFailureError {
  if (error instanceof ServerUnreachableError) return error.reason;
  if (error instanceof TlsUnavailableError) return 'tls';
  if (error instanceof NoRoomError) return 'capacity';
  if (error instanceof SigningFailedError) return 'signing';
  return error instanceof ConnectRefusedError && error.serverMessage === undefined ? 'closed' : 'other';
}
