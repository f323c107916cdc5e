/** What the page shows of a service. */
export interface ServiceView {
  readonly name: string;
  /** Its connections by role; a role that it does not use is absent. */
  readonly connections: Readonly<Record<string, { readonly state: string; readonly server?: string }>>;
  /** How many tokens it has fetched: which one it presents. */
  readonly token: number;
  /** ms since the epoch. */
  readonly tokenExpiresAt?: number;
  readonly revoked: boolean;
  readonly refreshes: number;
  readonly refreshFailures: number;
  readonly rejections: number;
  readonly rotations: number;
  readonly reconnects: number;
  /** Refreshes that have failed since the last that did not. */
  readonly failuresInARow: number;
  /** What keeps it from being connected, when it is not. */
  readonly trouble?: string;
}

/** What the page can do to the system. */
export interface ActionView {
  readonly id: string;
  /** The part of the system that it is done to. */
  readonly part: string;
  readonly verb: string;
  /** The verb and what it is done to. */
  readonly label: string;
  /** What there is to see when it is done. */
  readonly hint: string;
  /** A `routine` costs nothing. */
  readonly effect: 'breaks' | 'heals' | 'routine';
  /** The action that mends what this one breaks. Without one, it mends itself. */
  readonly healedBy?: string;
  readonly available: boolean;
  /** Why it makes no sense at the moment. */
  readonly blockedBy?: string;
  /** What it has brought about, as long as that lasts. */
  readonly active?: string;
}

export interface TrafficView {
  /** What was sent: the sum of the three that follow. */
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  readonly waiting: number;
  /**
   * The last two minutes: the begin of a second in ms since the epoch, the requests that were due in it, and how many of those
   * have been answered and have failed by now. The last second is not complete.
   */
  readonly seconds: readonly (readonly [at: number, sent: number, answered: number, failed: number])[];
}

export interface ServerView {
  readonly name: string;
  readonly address: string;
  readonly state: string;
  /** When it came back after it was away, in ms since the epoch. */
  readonly backSince?: number;
}

/** What became of the orders that were placed. */
export interface OrdersView {
  readonly placed: number;
  /** Those of which NATS has confirmed that they are in the stream. */
  readonly stored: number;
  /** Those that the consumer has read from it. */
  readonly read: number;
  /** Stored, never read, and NATS would not deliver them any more. */
  readonly lost: number;
  /** Read again although NATS knew that they had been read, or stored twice. */
  readonly twice: number;
  /** Read again because the acknowledgement was lost: as it should be. */
  readonly redelivered: number;
}

/** What the gateway has seen in the bucket of prices. */
export interface PricesView {
  /** The newest revision that it has heard of; each change of a price is one more. */
  readonly revision: number;
  /** How many revisions it has not heard of. */
  readonly missed: number;
  readonly prices: readonly PriceView[];
}

export interface PriceView {
  readonly article: string;
  readonly cents: number;
  readonly revision: number;
  /** When it was put into the bucket, in ms since the epoch. */
  readonly at: number;
}

/** All that the page shows, of one moment. */
export interface Snapshot {
  readonly now: number;
  readonly tokenLifetimeMs: number;
  /** For how long NATS lets a session outlive its token. */
  readonly sessionGraceMs: number;
  readonly identityProvider: { readonly up: boolean; readonly keyId: string };
  readonly servers: readonly ServerView[];
  readonly services: readonly ServiceView[];
  readonly traffic: TrafficView;
  readonly orders: OrdersView;
  readonly prices: PricesView;
  readonly actions: readonly ActionView[];
  /** Of the happenings: what has changed since the revision that was asked for. */
  readonly happenings: readonly Happening[];
  readonly revision: number;
}

/** Something on the time line: one thing, or a repeated one. */
export interface Happening {
  /** Grows with time. */
  readonly id: number;
  /** When it happened first, in ms since the epoch. */
  readonly at: number;
  /** When it happened last. */
  readonly until: number;
  readonly count: number;
  readonly who: string;
  readonly kind:
    | 'refreshed'
    | 'refresh failed'
    | 'rotated'
    | 'rejected'
    | 'unreachable'
    | 'connected'
    | 'disconnected'
    | 'done'
    | 'failed';
  /** What it was the last time. */
  readonly text: string;
  /** It stands for all of the same kind and of the same one that have a lower id, too. */
  readonly folded: boolean;
}

/** The system as the page sees it. */
export interface SystemView {
  /** @param revision that of the happenings that are known already. */
  snapshot(revision?: number): Snapshot;
  /** Starts an action; `false` when it makes no sense at the moment, `undefined` when there is none of that id. */
  act(id: string): boolean | undefined;
}

export const SYSTEM_VIEW = Symbol('system view');
