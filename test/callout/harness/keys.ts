import { createAccount, createCurve, createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';

/** A key pair, as options and configurations want it. */
export interface Keys {
  readonly publicKey: string;
  readonly seed: string;
}

export const accountKeys = (): Keys => keysOf(createAccount());
export const curveKeys = (): Keys => keysOf(createCurve());
export const userKeys = (): Keys => keysOf(createUser());

export function keysOf(pair: KeyPair): Keys {
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

export function pairOf({ seed }: Keys): KeyPair {
  return fromSeed(new TextEncoder().encode(seed));
}

/** What a client of either driver presents for an NKey, beside a JWT if there is one. */
export function nkeyCredentials(keys: Keys, jwt?: string): object {
  const pair = pairOf(keys);
  return {
    authenticator: (nonce?: string) => ({
      ...(jwt === undefined ? {} : { jwt }),
      nkey: keys.publicKey,
      sig: Buffer.from(pair.sign(new TextEncoder().encode(nonce))).toString('base64url'),
    }),
  };
}
