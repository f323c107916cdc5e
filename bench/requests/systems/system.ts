import type { Handlers } from './handlers.js';

/** What is compared. */
export const SYSTEMS = ['stock', 'ours', 'oursToBare', 'traced', 'plain', 'promised', 'bare'] as const;

/**
 * `stock`: NestJS's own transport; `ours`: this package; `oursToBare`: its caller, answered by `bare`; `traced`: this package with a span for each request and its handling, all of them
 * sampled; `plain`: nats.js alone, `request()` and `respond()`; `bare`: NestJS's packets on nats.js, with one inbox and nothing else, which is the
 * limit that one can see; `promised`: the same with what a caller of a NestJS client is promised.
 */
export type SystemName = (typeof SYSTEMS)[number];

/** Of these, the ones whose events and latencies are compared. */
export const MAIN_SYSTEMS = ['stock', 'ours', 'bare'] as const satisfies SystemName[];

/** How a process takes part. */
export interface PeerOptions {
  readonly system: SystemName;
  readonly role: 'caller' | 'responder';
  readonly servers: string;
  /** The nats.js package that the NestJS of this process uses. */
  readonly driver: 'nats' | '@nats-io/transport-node';
  /** Handlers that a responder has beside those that are used, each with a subject of its own. */
  readonly moreHandlers: number;
}

/** Starts a caller, or a responder that has the handlers. */
export type StartSystem = (options: PeerOptions, handlers: Handlers) => Promise<Participant>;

/** What a process of a system can do; a responder has no use for what sends. */
export interface Participant {
  /** Gives what was answered. */
  request(subject: string, payload: string): Promise<unknown>;
  /** Publishes an event; settles when the system says that it is done. */
  emit(subject: string, payload: string): Promise<unknown>;
  /** Settles when the server has what was published. */
  flush(): Promise<void>;
  /** Moves to other credentials; absent where a system cannot. */
  readonly rotate?: () => Promise<void>;
}

/** Each system has subjects of its own, and only its own responder listens to them. */
export interface Subjects {
  readonly echo: string;
  readonly held: string;
  readonly event: string;
  /** Of the handlers that nobody calls. */
  readonly more: readonly string[];
}

export function subjectsOf({ system, moreHandlers }: PeerOptions): Subjects {
  const of = (name: string) => `bench.${system}.${name}`;
  const more = Array.from({ length: moreHandlers }, (_, n) => of(`more.${n}`));
  return { echo: of('echo'), held: of('held'), event: of('event'), more };
}
