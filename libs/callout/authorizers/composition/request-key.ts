import { createHmac, randomBytes } from 'node:crypto';

import type { CalloutRequest } from '../../request/callout-request.js';

/** Of no use to who reads it in a dump of the memory of another process. */
const KEY = randomBytes(32);

/** Stands for a text that holds secrets, in this process. */
export function keyed(text: string): string {
  return createHmac('sha256', KEY).update(text).digest('base64');
}

/**
 * All that a decision may depend on: what was presented, and the facts that a client, its TLS connection and its server have the next time, too. The fields
 * are named one by one, as a request shows no secret when it is serialized.
 */
export function factsOf({ credentials, client, tls, server }: CalloutRequest): string {
  const { token, user, pass, jwt, nkey } = credentials;
  return JSON.stringify([
    [token, user, pass],
    jwt && [jwt.token, jwt.subject, jwt.proven],
    nkey && [nkey.publicKey, nkey.proven],
    [client.host, client.name, client.type, client.lang, client.version, client.mqttClientId],
    tls && [tls.version, tls.cipher, tls.certificates, tls.verifiedChains],
    [server.name, server.host, server.version, server.cluster, server.tags],
  ]);
}
