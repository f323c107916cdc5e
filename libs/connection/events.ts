import type { Cause, CredentialEvents, Role, UserInfoSummary } from '../credentials/index.js';
import type { NatsAuthError } from '../base/index.js';
import type { RejectedError } from './errors.js';
import type { RotationMode } from './rotation/rotation-options.js';

/** How a connection came about. */
export type ConnectKind = 'initial' | 'reconnect' | 'handover';

/** How a rotation moved a connection: a second connection first, or dialling again in place. */
export type RotatedMode = Exclude<RotationMode, 'none'>;

/** What sets off a rotation. */
export type RotationTrigger = Extract<Cause, 'expiring' | 'changed' | 'manual' | 'lame-duck'>;

/**
 * What a rotation did for one role. `rotated`: a new connection took over. `reconnected`: it was dialled again in place. `current`: it
 * was using that user info already. `disconnected`: there is no connection; the one that is being dialled presents the newest user info, or
 * moves to it. `closed`: nothing, it is closed.
 */
export type RotationOutcome = 'rotated' | 'reconnected' | 'current' | 'disconnected' | 'closed';

/** Why user info was replaced. */
export type ReplaceTrigger = RotationTrigger | 'rejected';

/**
 * What every event of a connection has.
 * @public
 */
export interface ConnectionEvent {
  /** The registration's name. */
  readonly connection: string;
  /** What the connection is for. */
  readonly role: Role;
}

/**
 * An event that a server has a part in.
 * @public
 */
export interface ServerEvent extends ConnectionEvent {
  /** `host:port`: others may share it. */
  readonly server: string;
  /** The id that a server has from its start to its end. */
  readonly serverId?: string;
  /** The name in its configuration, or its id. */
  readonly serverName?: string;
}

/**
 * What a connection tells. None of these events holds a secret.
 * @public
 */
export interface ConnectionEvents {
  /** The server has accepted `CONNECT`, and has the subscriptions of the role. */
  connected: ServerEvent & {
    readonly kind: ConnectKind;
    readonly userInfo: UserInfoSummary;
  };
  /** A connection that was established is gone; it is being dialled again unless it was closed. */
  disconnected: ConnectionEvent & { readonly error?: Error };
  /** The server refused or ended a connection for an authentication reason. */
  rejected: ConnectionEvent & {
    readonly error: RejectedError;
    /**
     * When the server has ended a connection as expired: how long after the expiry that was reckoned with, in ms; negative for before.
     * Absent otherwise, and when no expiry was known.
     */
    readonly afterExpiryMs?: number;
  };
  /**
   * A dial failed for another reason than that: the address cannot be reached (a {@link ServerUnreachableError}), or the server refused
   * `CONNECT`, hung up (a {@link SuspectedRejectionError} if it had seen credentials), offers no TLS, or the user info's signer failed.
   * It is told for each dial, which is made again unless `closed` or the error of the first connect says otherwise.
   */
  connectFailed: ConnectionEvent & {
    /** `host:port` that was dialled. */
    readonly server: string;
    readonly error: NatsAuthError;
  };
  /** Newer user info took the place of what was in use. */
  replaced: ConnectionEvent & {
    readonly trigger: ReplaceTrigger;
    /** Age of what was replaced: from the end of its refresh. */
    readonly ageMs: number;
  };
  /** A rotation ended. */
  rotated: ConnectionEvent & {
    readonly mode: RotatedMode;
    readonly trigger: RotationTrigger;
    readonly outcome: 'success' | 'failure';
    /** From the start of the resolution to the close of the old connection. */
    readonly durationMs: number;
    readonly error?: Error;
    /** What made a success slower than it needs to be, and what to do about it. */
    readonly hint?: string;
  };
  /**
   * The server refused a subscription of the server role: what it was for is not heard on this connection. `problem` says which
   * subject, or in the server's words which limit; it holds no secret.
   */
  subscriptionRefused: ConnectionEvent & { readonly problem: string };
  /**
   * The application has subscriptions on the connection that `unwrap()` gave, and another one is in its place, by a handover or because
   * it was closed: they end with the old one, and are to be made again on the one that `unwrap()` gives now.
   */
  subscriptionsLeft: ConnectionEvent & { readonly subjects: readonly string[] };
  /** Handlers or replies that took too long were cut off with their connection. */
  cutOff: ConnectionEvent & {
    /** How many there were. */
    readonly pending: number;
    /** For how long they were waited for: `rotation.timeout` at most, or `gracePeriod` at a shutdown; in ms. */
    readonly waitedMs: number;
  };
  /** Messages that were published while there was no connection will never be sent: they were too many, or it was closed. */
  outputDropped: ConnectionEvent & { readonly messages: number };
  /** The server has announced that it will end its connections: lame-duck mode. */
  lameDuck: ServerEvent;
  /** The connection is closed for good; with the reason when nobody asked for it. */
  closed: ConnectionEvent & { readonly error?: Error };
}

/**
 * Everything that one registration tells. None of these events holds a secret.
 * @public
 */
export interface NatsAuthEvents extends CredentialEvents, ConnectionEvents {}
