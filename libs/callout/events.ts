import type { RefusalReason } from './errors.js';

/** Why a request of the subject is not answered: what is wrong with it. */
export const REQUEST_PROBLEMS = [
  'oversized',
  'malformed',
  'plain',
  'sealed',
  'signature',
  'issuer',
  'audience',
  'subject',
  'version',
  'expired',
  'reply',
  'xkey',
  'untrusted',
  'repeated',
] as const satisfies readonly RequestProblem[];

/**
 * What is wrong with a request that is not answered.
 * @public
 */
export type RequestProblem =
  | 'oversized'
  | 'malformed'
  | 'plain'
  | 'sealed'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'subject'
  | 'version'
  | 'expired'
  | 'reply'
  | 'xkey'
  | 'untrusted'
  | 'repeated';

/** What went wrong with a request that was in order. */
export const CALLOUT_FAILURES = [
  'error',
  'timeout',
  'invalid',
  'signing',
  'answer',
] as const satisfies readonly CalloutFailure[];

/**
 * What went wrong with a request that was in order: the authorizer threw, took too long, or gave no valid admission; or the answer could not be signed, or sent.
 * @public
 */
export type CalloutFailure = 'error' | 'timeout' | 'invalid' | 'signing' | 'answer';

/** What each event about a client tells. */
export interface ClientFacts {
  /** The registration's name. */
  readonly connection: string;
  /** The name the client gives itself, or whom it presents, without secrets. */
  readonly client: string;
  /** Its address. */
  readonly host: string;
  /** The name of the server that asks. */
  readonly server: string;
  /** From the arrival of the request to the answer, in ms. */
  readonly durationMs: number;
}

/**
 * What a callout tells: every request leads to exactly one of `admitted`, `refused`, `failed` and `discarded`.
 * @public
 */
export interface CalloutEvents {
  /** A request has arrived. */
  requested: { readonly connection: string };
  /** A client was admitted, and the server has been told so. */
  admitted: ClientFacts & { readonly name: string; readonly account: string; readonly expiresAt: number };
  /** A client was refused. */
  refused: ClientFacts & { readonly reason: RefusalReason; readonly error: Error };
  /** The authorizer threw, did not end in time or returned rubbish; or the answer could not be signed or sent. The client does not come in. */
  failed: ClientFacts & { readonly cause: CalloutFailure; readonly error: Error };
  /** Not answered: it does not come from a server that may ask, or came before. */
  discarded: { readonly connection: string; readonly problem: RequestProblem; readonly error: Error };
  /** How much is under way has changed. */
  load: { readonly connection: string; readonly inFlight: number; readonly queued: number };
  /** A server did not accept an answer. */
  answerRefused: { readonly connection: string; readonly server: string; readonly error: Error };
  /** The queue group is joined, or left. */
  listening: { readonly connection: string; readonly listening: boolean };
  /** Somebody was revoked, restored or kicked. */
  administered: {
    readonly connection: string;
    readonly action: 'revoked' | 'restored' | 'kicked';
    readonly who: string;
  };
}
