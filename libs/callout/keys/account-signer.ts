import { sign } from 'node:crypto';

import {
  asError,
  describeValue,
  ed25519PrivateKey,
  knownKeys,
  OptionsInvalidError,
  publicNkey,
  rawPublicKey,
  SigningFailedError,
} from '../../base/index.js';
import type { CalloutSigningKey } from '../options.js';
import { givenPublicKey, givenSeed } from './given-key.js';
import { verifySignature } from './verify-signature.js';

/** Signs for an account. */
export interface AccountSigner {
  readonly publicKey: string;
  /** The account for which it signs. */
  readonly account: string;
  /** Whether it is a signing key of that account, rather than the account's own. */
  readonly delegated: boolean;
  /** @throws {@link SigningFailedError} an external signer failed, or its key is another. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

type ExternalKey = Extract<CalloutSigningKey, { publicKey: string }>;

/**
 * What signs with a key of the options.
 * @param account for which a signing key signs that does not say so itself.
 * @throws {@link OptionsInvalidError} naming the option.
 */
export function accountSigner(option: string, key: CalloutSigningKey, account?: string): AccountSigner {
  if (typeof key === 'string') return withAccount(seedSigner(option, key), account);
  if (typeof (key as unknown) !== 'object' || (key as unknown) === null) givenSeed(option, key, 'account');
  const isExternal = 'publicKey' in key || 'sign' in key;
  knownKeys(option, key, isExternal ? ['publicKey', 'sign', 'account'] : ['seed', 'account']);
  const signer = isExternal ? externalSigner(option, key) : seedSigner(`${option}.seed`, key.seed);
  return withAccount(signer, accountOf(option, key, account));
}

type Signing = Pick<AccountSigner, 'publicKey' | 'sign'>;

function seedSigner(option: string, text: string): Signing {
  const key = ed25519PrivateKey(givenSeed(option, text, 'account').raw);
  return { publicKey: publicNkey('account', rawPublicKey(key)), sign: (data) => sign(null, data, key) };
}

function externalSigner(option: string, key: ExternalKey): Signing {
  const publicKey = givenPublicKey(`${option}.publicKey`, key.publicKey, 'account');
  if (typeof (key.sign as unknown) !== 'function')
    throw new OptionsInvalidError(
      `${option}.sign`,
      `expected a function that signs, got ${describeValue(key.sign, 'type')}.`,
    );
  const signer = `The signer of '${option}'`;
  return {
    publicKey,
    async sign(data) {
      let signature: unknown;
      try {
        signature = await key.sign(data);
      } catch (error) {
        throw new SigningFailedError(asError(error), signer);
      }
      // A key service that uses another key would have every client refused, and nobody would know why.
      const flaw = flawOf(publicKey, data, signature);
      if (flaw === undefined) return signature as Uint8Array;
      throw new SigningFailedError(new Error(flaw), signer);
    },
  };
}

function flawOf(publicKey: string, data: Uint8Array, signature: unknown): string | undefined {
  if (!(signature instanceof Uint8Array) || signature.length !== 64)
    return `it gave ${describeValue(signature, 'type')} where a raw Ed25519 signature has 64 bytes`;
  if (!verifySignature(publicKey, data, signature))
    return `its signature is not one of ${publicKey}: it signs with another key, or something else than the bytes that it gets`;
  return undefined;
}

function withAccount(signing: Signing, account = signing.publicKey): AccountSigner {
  return {
    publicKey: signing.publicKey,
    account,
    delegated: account !== signing.publicKey,
    sign: (data) => signing.sign(data),
  };
}

function accountOf(
  option: string,
  key: { readonly account?: string },
  account: string | undefined,
): string | undefined {
  if (!('account' in key)) return account;
  const own = givenPublicKey(`${option}.account`, key.account, 'account');
  if (account === undefined || own === account) return own;
  throw new OptionsInvalidError(
    `${option}.account`,
    `is another account than that which the key is given for.`,
  );
}
