import { isPublicNkey } from '../keys/verify-signature.js';
import type { CalloutClient, CalloutRequest, CalloutServer, CalloutTls } from './callout-request.js';
import {
  certificatesIn,
  chainsIn,
  type Claims,
  numberIn,
  objectIn,
  optionalObjectIn,
  textIn,
  textsIn,
} from './claim-readers.js';
import { connectionType } from './connection-type.js';
import { type Presented, ReceivedCredentials } from './received-credentials.js';
import { RequestInvalidError } from './request-error.js';

/** What a request holds, for the authorizer. */
export interface Received {
  readonly request: CalloutRequest;
  readonly presented: Presented;
}

/**
 * @param nats the claim of that name.
 * @throws {@link RequestInvalidError} `malformed`: no nats-server made it.
 */
export function receivedRequest(nats: Claims, server: CalloutServer, userNkey: string): Received {
  const info = objectIn(nats, 'client_info');
  const options = objectIn(nats, 'connect_opts');
  const presented: Presented = {
    // Not the user of `client_info`: that is the token, for a client of nats-server 2.10 which presents one.
    user: textIn(options, 'user'),
    pass: textIn(options, 'pass'),
    token: textIn(options, 'auth_token'),
    jwt: textIn(options, 'jwt'),
    nkey: userNkeyIn(options, 'nkey'),
    signature: textIn(options, 'sig'),
    nonce: textIn(info, 'nonce'),
  };
  const tls = optionalObjectIn(nats, 'client_tls');
  const request: CalloutRequest = {
    credentials: new ReceivedCredentials(presented),
    client: clientOf(info, options),
    ...(tls ? { tls: tlsOf(tls) } : {}),
    server,
    userNkey,
  };
  return { request: Object.freeze(request), presented };
}

export function serverOf(serverId: Claims): CalloutServer {
  return {
    id: textIn(serverId, 'id') ?? '',
    name: textIn(serverId, 'name') ?? '',
    host: textIn(serverId, 'host') ?? '',
    version: textIn(serverId, 'version'),
    cluster: textIn(serverId, 'cluster'),
    tags: textsIn(serverId, 'tags'),
  };
}

/** A text that is none cannot be proven, and may be a secret in the wrong place. */
function userNkeyIn(options: Claims, name: string): string | undefined {
  const nkey = textIn(options, name);
  return nkey !== undefined && isPublicNkey(nkey, 'user') ? nkey : undefined;
}

function clientOf(info: Claims, options: Claims): CalloutClient {
  const host = textIn(info, 'host') ?? '';
  const kind = textIn(info, 'kind');
  const type = connectionType(kind, textIn(info, 'type'), host);
  if (type === undefined)
    throw new RequestInvalidError(
      'malformed',
      `The request is for a kind of client that this package does not know.`,
    );
  return {
    id: numberIn(info, 'id') ?? 0,
    host,
    type,
    name: textIn(info, 'name') ?? textIn(options, 'name'),
    lang: textIn(options, 'lang'),
    version: textIn(options, 'version'),
    mqttClientId: textIn(info, 'mqtt_id'),
  };
}

function tlsOf(tls: Claims): CalloutTls {
  return {
    version: textIn(tls, 'version'),
    cipher: textIn(tls, 'cipher'),
    certificates: certificatesIn(tls, 'certs'),
    verifiedChains: chainsIn(tls, 'verified_chains'),
  };
}
