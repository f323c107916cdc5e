import type { CalloutServer } from './request/callout-request.js';

/**
 * How an auth callout works.
 * @public
 */
export interface CalloutOptions {
  /**
   * Signs the answers: the `issuer` of the server's configuration, or in operator mode the key, or signing keys, of the callout's account. With several, that
   * which a server asks for signs.
   */
  issuer: CalloutSigningKey | readonly CalloutSigningKey[];
  /**
   * The accounts into which clients may be admitted: names, or in operator mode accounts with their keys. The system account and the callout's own are
   * refused.
   */
  accounts: readonly (string | CalloutAccount)[];
  /**
   * The account of the callout itself, into which nobody is admitted: its users could read requests. In operator mode its key tells. Default: `AUTH`, as
   * `calloutServerConfig()` has it.
   */
  account?: string;
  /** Seeds (`SX…`) of the curve keys to which servers seal their requests, the newest first. Requests in the open are not answered then. */
  xkey?: string | readonly string[];
  /** The longest session, in ms, whatever the authorizer says. Default: 3,600,000. */
  maxSession?: number;
  /** How long the authorizer may take for a client, in ms; also the time that its server waits, if that is known to be shorter. Default: 2,000. */
  timeout?: number;
  /** How many clients are looked at at once. The others wait their turn. Default: 64. */
  concurrency?: number;
  /** How long a client may wait for its turn, in ms. Default: as long as its server waits. */
  queueTimeout?: number;
  /** Whether a refusal is answered, so that the client hears it at once, or the server is left to time out. Default: `answer`. */
  refusals?: 'answer' | 'silent';
  /** Queue group of the instances. Default: `nats-auth-callout`. */
  queue?: string;
  /** By how much clocks of servers may differ from this one, in ms. Default: 5,000. */
  clockTolerance?: number;
  /** The largest request, in bytes. Default: 65,536. */
  maxRequestSize?: number;
  /** Which servers may ask, by id, name or a function. An id is the key of a server; a name proves nothing, anybody can take it. Default: whoever can prove to be a server. */
  servers?: readonly string[] | ((server: CalloutServer) => boolean);
  /** Whom to refuse from the start, by name of the admission or public NKey. */
  revoked?: readonly string[];
}

/**
 * A key of an account: its seed (`SA…`), or the public key and a function that signs, such as one of a key management service. `account` is the account's public key where
 * the key is a signing key of it.
 * @public
 */
export type CalloutSigningKey =
  | string
  | { readonly seed: string; readonly account?: string }
  | {
      readonly publicKey: string;
      /** Signs with Ed25519. */
      readonly sign: (data: Uint8Array) => Uint8Array | Promise<Uint8Array>;
      readonly account?: string;
    };

/**
 * An account in operator mode.
 * @public
 */
export interface CalloutAccount {
  /** By which an admission names it. */
  readonly name: string;
  /** Its public key (`A…`). */
  readonly publicKey: string;
  /** Signs its users: the account's own key or one of its signing keys. Of several, the first signs. */
  readonly keys: CalloutSigningKey | readonly CalloutSigningKey[];
  /** Scoped signing keys, by the name that an admission gives as `scope`. */
  readonly scopes?: Readonly<Record<string, CalloutSigningKey>>;
}
