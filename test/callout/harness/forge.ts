import { createHmac, randomUUID } from 'node:crypto';

import { createServer, type KeyPair } from '@nats-io/nkeys';

import { userKeys } from './keys.js';

/** The claims of a request, to be changed. */
export interface Claims {
  [claim: string]: unknown;
  nats: { [claim: string]: unknown; server_id: Record<string, unknown> };
}

/** The claims of a request that is not sealed. */
export function claimsOf(request: { readonly data: Uint8Array }): Claims {
  const [, claims = ''] = Buffer.from(request.data).toString().split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
}

/** A request as a server with this key would sign it. */
export function signed(claims: Claims, key: KeyPair): string {
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${text}.${Buffer.from(key.sign(Buffer.from(text))).toString('base64url')}`;
}

/** The claims as a server of the attacker would issue them, which has another key. */
export function ofOwnServer(claims: Claims, key: KeyPair): Claims {
  const id = key.getPublicKey();
  return {
    ...claims,
    iss: id,
    jti: randomUUID(),
    nats: {
      ...claims.nats,
      user_nkey: userKeys().publicKey,
      server_id: { ...claims.nats.server_id, id },
    },
  };
}

/** With an algorithm for which no secret is needed, or one that everybody knows. */
export function unsignedJwt(claims: object, header: object = {}): string {
  return `${part({ typ: 'JWT', alg: 'none', ...header })}.${part(claims)}.`;
}

export function hmacJwt(claims: object, secret: string, header: object = {}): string {
  const text = `${part({ typ: 'JWT', alg: 'HS256', ...header })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** A key pair for a server that is none. */
export const ownServerKey = createServer;

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
