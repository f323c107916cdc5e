/** What a fault may break: nothing at all, rotations that overlap with it, or requests, too. */
export type Harm = 'nothing' | 'rotations' | 'requests';

/** How the provider answers. */
export type ProviderMood = 'well' | 'slow' | 'failing' | 'hanging' | 'wrong';

/** What the service process is told at its start. */
export interface ServiceOptions {
  readonly servers: string;
  readonly users: readonly SoakUser[];
  readonly requestsPerSecond: number;
}

export interface SoakUser {
  readonly user: string;
  readonly pass: string;
}

/** What the service holds at a quiet point, after a garbage collection; sizes in bytes. */
export interface Footprint {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  /** Objects of any kind on the heap. */
  readonly objects: number;
  /** Connection objects of nats.js on the heap. */
  readonly natsConnections: number;
  readonly abortSignals: number;
  /** Open files, and those of them that are sockets; `undefined` where there is no /proc. */
  readonly files?: number;
  readonly sockets: number;
  /** What keeps the process alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
  /** Listeners of the process. */
  readonly listeners: number;
  /** Series of metrics. */
  readonly series: number;
  /** Requests that wait for an answer. */
  readonly pending: number;
}

/** What became of the load so far. */
export interface Tally {
  readonly requests: number;
  readonly answered: number;
  readonly failedInFaults: number;
  readonly events: number;
  readonly rotations: number;
  readonly rotationsFailedInFaults: number;
  /** What must not have happened, each with how often it did. */
  readonly problems: readonly string[];
}
