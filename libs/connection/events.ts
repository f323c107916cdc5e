import type { CredentialEvents, Role, UserInfoSummary } from '../credentials/index.js';
import type { RejectedError } from './errors.js';

/** How a connection came about. */
export type ConnectKind = 'initial' | 'reconnect' | 'handover';

interface OfConnection {
  /** The registration's name. */
  readonly connection: string;
  readonly role: Role;
}

/**
 * What a connection tells. No event holds a secret.
 * @public
 */
export interface ConnectionEvents {
  /** The server has accepted `CONNECT`. */
  connected: OfConnection & {
    readonly kind: ConnectKind;
    readonly server: string;
    readonly userInfo: UserInfoSummary;
  };
  /** A connection that was established is gone; it is being dialled again unless it was closed. */
  disconnected: OfConnection & { readonly error?: Error };
  /** The server refused or ended a connection for an authentication reason. */
  rejected: OfConnection & { readonly error: RejectedError };
  /** The connection is closed for good; with the reason when nobody asked for it. */
  closed: OfConnection & { readonly error?: Error };
}

/**
 * Everything that one registration tells.
 * @public
 */
export interface NatsAuthEvents extends CredentialEvents, ConnectionEvents {}
