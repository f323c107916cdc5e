/** What is compared. */
export const SYSTEMS = ['stock', 'ours', 'traced', 'plain'] as const;

/**
 * `stock`: NestJS's own transport; `ours`: this package; `traced`: this package with a span for each request and its handling, all of them
 * sampled; `plain`: nats.js alone, `request()` and `respond()`.
 */
export type SystemName = (typeof SYSTEMS)[number];

/** How a process takes part. */
export interface PeerOptions {
  readonly system: SystemName;
  readonly role: 'caller' | 'responder';
  readonly servers: string;
  /** The nats.js package that the NestJS of this process uses. */
  readonly driver: 'nats' | '@nats-io/transport-node';
}

/** Sends a request and gives what was answered; of no use in a responder. */
export type SendRequest = (payload: string) => Promise<unknown>;

/** Each system has a subject of its own, answered by a responder of the same system with what it was sent. */
export const subjectOf = (system: SystemName): string => `bench.${system}`;
