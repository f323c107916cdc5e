import { generateKeyPairSync } from 'node:crypto';

import { oneOf, publicNkey, seedNkey } from '../../base/index.js';

/**
 * A new key: what stands in the configuration of a callout, and of its servers.
 * @public
 */
export interface CreatedNkey {
  /** A secret: `SA…` or `SX…`. */
  readonly seed: string;
  /** `A…` or `X…`. */
  readonly publicKey: string;
}

/**
 * Makes a key of an account, for `callout.issuer`, or a curve key, for `callout.xkey`, as `nsc generate nkey` does.
 * @throws {@link OptionsInvalidError} for another kind.
 */
export function createNkey(kind: 'account' | 'curve'): CreatedNkey {
  oneOf('kind', kind, ['account', 'curve']);
  const { privateKey } = kind === 'curve' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  return {
    seed: seedNkey(kind, Buffer.from(d, 'base64url')),
    publicKey: publicNkey(kind, Buffer.from(x, 'base64url')),
  };
}
