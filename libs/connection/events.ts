import type { Cause, CredentialEvents, Role, UserInfoSummary } from '../credentials/index.js';
import type { NatsAuthError } from '../base/index.js';
import type { RejectedError } from './errors.js';
import type { RotationMode } from './rotation/rotation-options.js';

/** How a connection came about. */
export type ConnectKind = 'initial' | 'reconnect' | 'handover';

/** How a rotation moved a connection: by opening a second connection first, or by reconnecting in place. */
export type RotatedMode = Exclude<RotationMode, 'none'>;

/** What triggered a rotation. */
export type RotationTrigger = Extract<Cause, 'expiring' | 'changed' | 'manual' | 'lame-duck'>;

/**
 * What a rotation did for one role. `rotated`: a new connection took over. `reconnected`: it was reconnected in place.
 * `current`: it was using that user info already. `disconnected`: there is no connection; the one that is being dialled
 * presents the newest user info, or moves to it once connected. `closed`: nothing, because the connection is closed.
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
 * An event that involves a server.
 * @public
 */
export interface ServerEvent extends ConnectionEvent {
  /** `host:port`; several servers may share it. */
  readonly server: string;
  /** The id that a server keeps from its start to its end. */
  readonly serverId?: string;
  /** The name in the server's configuration, or its id. */
  readonly serverName?: string;
}

/**
 * The events of a connection. None of them holds a secret.
 * @public
 */
export interface ConnectionEvents {
  /** The server has accepted `CONNECT` and has the subscriptions of the role. */
  connected: ServerEvent & {
    readonly kind: ConnectKind;
    readonly userInfo: UserInfoSummary;
    /** The user name, or the public NKey, that was presented; absent for a token, and for a name that looks like one. */
    readonly user?: string;
  };
  /** An established connection is gone; it is being dialled again unless it was closed. */
  disconnected: ConnectionEvent & { readonly error?: Error };
  /** The server refused or ended a connection for an authentication reason. */
  rejected: ConnectionEvent & {
    readonly error: RejectedError;
    /** The `host:port` that rejected. */
    readonly server: string;
    /** The dials in this outage, this one included; 0 when the server ended an established connection. */
    readonly attempt: number;
    /** The user name, or the public NKey, that was presented; absent for a token, and for a name that looks like one. */
    readonly user?: string;
    /**
     * When the server ended a connection as expired: how long after the expected expiry, in ms; negative if before. Absent
     * otherwise, and when no expiry was known.
     */
    readonly afterExpiryMs?: number;
  };
  /**
   * A dial failed for any reason other than a rejection: the address cannot be reached (a {@link ServerUnreachableError}),
   * or the server refused `CONNECT`, hung up (a {@link SuspectedRejectionError} if it had seen credentials), offers no TLS,
   * or the user info's signer failed. Emitted for each dial; dialling goes on unless `closed` or the error of the first
   * connect says otherwise.
   */
  connectFailed: ConnectionEvent & {
    /** The `host:port` that was dialled. */
    readonly server: string;
    readonly error: NatsAuthError;
    /** The dials in this outage, this one included. A rotation counts its own. */
    readonly attempt: number;
    /** Since the loss of the connection, or since the first connect began, in ms. */
    readonly downMs: number;
  };
  /** Newer user info replaced what was in use. */
  replaced: ConnectionEvent & {
    readonly trigger: ReplaceTrigger;
    /** Age of the user info that was replaced, counted from the end of its refresh, in ms. */
    readonly ageMs: number;
  };
  /** A rotation ended. */
  rotated: ConnectionEvent & {
    readonly mode: RotatedMode;
    readonly trigger: RotationTrigger;
    readonly outcome: 'success' | 'failure';
    /** From the start of the rotation to the close of the old connection, in ms. */
    readonly durationMs: number;
    readonly error?: Error;
    /** Why the connection was reconnected in place although a handover was wanted: there was no room for another connection. */
    readonly fallback?: Error;
    /** Why a successful rotation was slower than necessary, and what to do about it. */
    readonly hint?: string;
  };
  /**
   * The server refuses a subscription that it did not refuse before: its handlers hear nothing, or the replies to requests do
   * not arrive. `problem` names the subject, or quotes the server on which limit was reached; it holds no secret.
   */
  subscriptionRefused: ConnectionEvent & {
    readonly problem: string;
    /** The subject, if the server named it. */
    readonly subject?: string;
    /** How many subscriptions: more than one where the server does not name them. */
    readonly count: number;
    /** `handlers.mayBeRefused` says that it may be. */
    readonly tolerated: boolean;
    /** How many subscriptions of the role are refused now, without those that may be. */
    readonly stillRefused: number;
  };
  /** The server accepts a subscription that it refused before. */
  subscriptionRestored: ConnectionEvent & {
    readonly problem: string;
    readonly subject?: string;
    /** As above. */
    readonly stillRefused: number;
  };
  /**
   * The application has subscriptions on the connection that `unwrap()` returned, and a handover, or a new connection after
   * a close, has replaced that connection: these subscriptions end with the old one, and must be made again on what
   * `unwrap()` returns now.
   */
  subscriptionsLeft: ConnectionEvent & { readonly subjects: readonly string[] };
  /** A callback of the application, which has subscribed on the connection that it was given, threw; the subscription goes on. */
  callbackFailed: ConnectionEvent & { readonly subject: string; readonly error: Error };
  /** Handlers or replies that took too long were cut off with their connection. */
  cutOff: ConnectionEvent & {
    /** How many were pending. */
    readonly pending: number;
    /** How long the close waited for them, in ms: at most `rotation.timeout`, or `gracePeriod` at a shutdown. */
    readonly waitedMs: number;
  };
  /** Messages that were published while disconnected will never be sent: there were too many, or the connection was closed. */
  outputDropped: ConnectionEvent & { readonly messages: number };
  /** The server has announced that it will close its connections (lame-duck mode). */
  lameDuck: ServerEvent;
  /** The connection is closed for good; `error` is the reason if the application did not close it. */
  closed: ConnectionEvent & { readonly error?: Error };
}

/**
 * All events of one registration. None of them holds a secret.
 * @public
 */
export interface NatsAuthEvents extends CredentialEvents, ConnectionEvents {}
