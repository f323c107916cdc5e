import { generateKeyPairSync, type KeyObject } from 'node:crypto';

import { exportJWK } from 'jose';
import type { ClientAuthentication } from 'nestjs-nats-auth/providers';
import type { ClientMetadata } from 'oidc-provider';

/** A client as the identity provider knows it, and as it proves who it is. */
export interface Client {
  readonly metadata: ClientMetadata;
  readonly authentication: ClientAuthentication;
}

export const SECRET = 'marked-secret-1f0c9ab2';

export function secretClient(method: 'client_secret_basic' | 'client_secret_post'): Client {
  return {
    metadata: { client_id: method, client_secret: SECRET, token_endpoint_auth_method: method },
    authentication: { method, secret: SECRET },
  };
}

const KEY_PAIRS = {
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
};

/** How the identity provider calls what the key signs with. */
const ALGORITHMS = { RSA: 'RS256', 'P-256': 'ES256', Ed25519: 'Ed25519' } as const;

export async function keyClient(kind: keyof typeof KEY_PAIRS): Promise<Client> {
  const { privateKey, publicKey } = KEY_PAIRS[kind]();
  const jwk = await exportJWK(publicKey);
  return {
    metadata: {
      client_id: kind,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: ALGORITHMS[kind],
      jwks: { keys: [{ ...jwk, kid: kind, use: 'sig', alg: ALGORITHMS[kind] }] },
    },
    authentication: { method: 'private_key_jwt', privateKey: pem(privateKey), keyId: kind },
  };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
