import type { UserInfo } from 'nestjs-nats-auth';

/** How a peer moves to new credentials. */
export type Mode = 'handover' | 'reconnect' | 'plain nats.js reconnect()' | 'stock NestJS transport';

/** What a peer process is told at its start, as JSON in its arguments. */
export interface PeerOptions {
  readonly role: 'responder' | 'caller';
  readonly mode: Mode;
  readonly servers: string[];
}

/** What the bench asks of a peer process; each is answered. */
export type Command =
  | { readonly do: 'rotate' }
  | { readonly do: 'load'; readonly perSecond: number; readonly firstNumber?: number }
  | { readonly do: 'stop'; readonly windows: readonly Window[] }
  | { readonly do: 'report' };

/** A span of time in ms since the epoch. */
export type Window = readonly [from: number, to: number];

/** What a peer process sends: that it is ready, that it wants credentials, or the result of a command. */
export type FromPeer =
  | { readonly type: 'ready' }
  | { readonly type: 'credentials' }
  | { readonly type: 'done'; readonly result: unknown };

/** What the bench sends to a peer process. */
export type ToPeer =
  | { readonly type: 'credentials'; readonly userInfo: UserInfo }
  | { readonly type: 'command'; readonly command: Command };

/** What a responder has heard: for each kind how many messages, and how many of them again. */
export type Heard = Record<
  'requests' | 'events' | 'queued',
  { readonly distinct: number; readonly again: number }
>;

/** What a caller has sent, and what became of it. */
export interface Sent {
  readonly requests: number;
  readonly unanswered: number;
  readonly failedSends: number;
  /** Events that were accepted. */
  readonly events: number;
  readonly queued: number;
  readonly inside: Latency;
  readonly outside: Latency;
}

/** Of requests, in ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
