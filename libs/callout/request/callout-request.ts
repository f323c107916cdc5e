import type { ConnectionType } from '../admission.js';

/**
 * A client that wants to come in. It can be logged, inspected and serialized, and shows no secret. Once it is decided, it has none any more.
 * @public
 */
export interface CalloutRequest {
  /** What the client presented. */
  readonly credentials: CalloutCredentials;
  /** Who connects. */
  readonly client: CalloutClient;
  /** Absent where the client did not connect with TLS. */
  readonly tls?: CalloutTls;
  /** The server that asks. */
  readonly server: CalloutServer;
  /** The public key that the server made for this user. */
  readonly userNkey: string;
}

/**
 * What a client presented. Nothing of it has been checked, but for what `proven` says. A client of MQTT presents its password as `token` as well.
 *
 * Each secret is read by its name: a copy of the object, such as `{ ...credentials }`, has none.
 * @public
 */
export interface CalloutCredentials {
  /** A token. */
  readonly token?: string;
  /** A user's name. */
  readonly user?: string;
  /** A password. */
  readonly pass?: string;
  /** A user JWT. `proven` says that the client has the seed of the JWT's subject; who issued it is for the authorizer to check, unless the server is in operator mode. */
  readonly jwt?: { readonly token: string; readonly subject?: string; readonly proven: boolean };
  /** `proven` says that the client signed the server's nonce with the key. */
  readonly nkey?: { readonly publicKey: string; readonly proven: boolean };
}

/**
 * What the server tells of a client.
 * @public
 */
export interface CalloutClient {
  /** Of the connection in that server. */
  readonly id: number;
  /** IP address; empty for a client in the process of the server. */
  readonly host: string;
  /** The name that the client gives itself. */
  readonly name?: string;
  /** How it connects, as far as servers tell: one of `LEAFNODE_WS` is `LEAFNODE`, one of `MQTT_WS` is `MQTT`. */
  readonly type: ConnectionType;
  /** The language of its library. */
  readonly lang?: string;
  /** Of its library. */
  readonly version?: string;
  /** Its client id in MQTT. */
  readonly mqttClientId?: string;
}

/**
 * The TLS connection of a client.
 * @public
 */
export interface CalloutTls {
  /** Of TLS, such as `1.3`. */
  readonly version?: string;
  /** The cipher suite. */
  readonly cipher?: string;
  /** Certificates of the client that no authority vouches for, in PEM, the client's first. */
  readonly certificates: readonly string[];
  /** Chains that the server has verified, in PEM, the client's certificate first. nats-server fills it where `verify` is on. */
  readonly verifiedChains: readonly (readonly string[])[];
}

/**
 * A server that asks.
 * @public
 */
export interface CalloutServer {
  /** Public key, from the start of the server to its end. */
  readonly id: string;
  /** The `server_name` of its configuration, or its id. */
  readonly name: string;
  /** On which it listens. */
  readonly host: string;
  /** Of nats-server. */
  readonly version?: string;
  /** The name of its cluster. */
  readonly cluster?: string;
  /** The `server_tags` of its configuration. */
  readonly tags: readonly string[];
}
