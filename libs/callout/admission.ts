/**
 * As whom a client may come in. What would limit it, `undefined` or an unknown field included, is an error rather than no limit.
 * @public
 */
export interface Admission {
  /** The account, by its name in `callout.accounts`. Default: the only one there. */
  readonly account?: string;
  /** The name of the user, in the server's log and monitoring. */
  readonly name: string;
  /**
   * When the server ends the session, in ms since the epoch or as a date; cut to whole seconds. Default, and the latest that there is: `callout.maxSession`
   * from now.
   */
  readonly expiresAt?: Date | number;
  /** What the user may do. Default: what the account's users may by default, which is everything unless the server says otherwise. */
  readonly permissions?: UserPermissions;
  /**
   * A scoped signing key of the account, by its name in `scopes`: its template says what the user may do, so `permissions` must be absent. `name` and
   * `tags` must have no wildcard as a token then.
   */
  readonly scope?: string;
  /** Tags of the user, which templates of scoped signing keys can use. They are lower-cased, as all tools of NATS do. */
  readonly tags?: readonly string[];
  /** Networks in CIDR notation, or addresses, from which the client may come. nats-server does not look at them: this package does. Default: any. */
  readonly allowedSources?: readonly string[];
  /** How the client may connect. nats-server does not look at it: this package does. Default: in any way. */
  readonly connectionTypes?: readonly ConnectionType[];
}

/**
 * What a user may publish and subscribe.
 * @public
 */
export interface UserPermissions {
  /** What it may publish to, as `subscribe` has what it may subscribe. */
  readonly publish?: SubjectRules<string>;
  /** A queue group in an entry limits it to that group. */
  readonly subscribe?: SubjectRules<string | QueueSubject>;
  /**
   * Lets the user answer what it receives, whatever `publish` says. `true` is one answer for each message, at any time. Without `publish`, a server lets such a
   * user publish nothing but answers.
   */
  readonly responses?: boolean | ResponseRules;
}

/**
 * Subjects, with wildcards. What is allowed and denied is denied; where only `deny` is given, everything else is allowed. An empty `allow` allows nothing.
 * @public
 */
export interface SubjectRules<S> {
  /** Nothing else is allowed then. */
  readonly allow?: readonly S[];
  /** Not allowed, whatever `allow` says. */
  readonly deny?: readonly S[];
}

/**
 * A subject and a queue group, both with wildcards.
 * @public
 */
export interface QueueSubject {
  /** What may be subscribed. */
  readonly subject: string;
  /** In which group. */
  readonly queue: string;
}

/**
 * How many answers a user may give to one message, and for how long.
 * @public
 */
export interface ResponseRules {
  /** `Infinity` for any number. Default: 1. */
  readonly max?: number;
  /** In ms. Default: for ever. */
  readonly ttl?: number;
}

/** How clients connect, as nats-server names it. */
export const CONNECTION_TYPES = [
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
] as const satisfies readonly ConnectionType[];

/**
 * How a client connects.
 * @public
 */
export type ConnectionType =
  'STANDARD' | 'WEBSOCKET' | 'LEAFNODE' | 'LEAFNODE_WS' | 'MQTT' | 'MQTT_WS' | 'IN_PROCESS';
