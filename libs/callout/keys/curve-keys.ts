import { randomBytes } from 'node:crypto';

import { OptionsInvalidError, parsePublicNkey, publicNkey, unsetHint } from '../../base/index.js';
import { type Box, loadBox } from './box.js';
import { givenSeed } from './given-key.js';
import { Recent } from './recent.js';

/** The curve keys to which servers seal their requests. */
export interface CurveKeys {
  /** The `xkey` that the configuration of servers names, one for each key. */
  readonly publicKeys: readonly string[];
  /**
   * What a server has sealed to one of the keys; `undefined` where it has not.
   * @param sender the public curve key of the server.
   */
  open(sealed: Uint8Array, sender: string): Opened | undefined;
}

/** A request that was sealed. */
export interface Opened {
  readonly data: Uint8Array;
  /** The key that opened it. */
  readonly publicKey: string;
  /** Seals an answer with the key that opened the request. */
  seal(answer: Uint8Array): Uint8Array;
}

/** What sealed texts of NATS begin with. */
const VERSION = Buffer.from('xkv1');
const NONCE_LENGTH = 24;
const TAG_LENGTH = 16;
/** Each server has a key of its own from its start to its end. */
const SERVERS_KEPT = 1_024;

/**
 * @param seeds the newest first.
 * @throws {@link OptionsInvalidError} naming the option.
 * @throws {@link PackageMissingError} `libsodium-wrappers` is not installed.
 */
export async function curveKeys(
  option: string,
  seeds: string | readonly string[],
  random: (size: number) => Uint8Array = randomBytes,
): Promise<CurveKeys> {
  const list = Array.isArray(seeds) ? (seeds as readonly string[]) : [seeds as string];
  if (list.length === 0)
    throw new OptionsInvalidError(
      option,
      `is an empty list.${unsetHint('')} Leave it out where servers have no xkey.`,
    );
  const privateKeys = list.map(
    (seed, index) => givenSeed(Array.isArray(seeds) ? `${option}[${index}]` : option, seed, 'curve').raw,
  );
  const box = await loadBox();
  const keys = privateKeys.map((key) => new CurveKey(key, box));
  const publicKeys = keys.map(({ publicKey }) => publicKey);
  const twice = publicKeys.findIndex((key, index) => publicKeys.indexOf(key) < index);
  if (twice >= 0) throw new OptionsInvalidError(`${option}[${twice}]`, 'is there twice.');
  return {
    publicKeys,
    open(sealed, sender) {
      if (!isSealed(sealed)) return undefined;
      for (const key of keys) {
        const shared = key.sharedWith(sender);
        const data = shared && openWith(box, shared, sealed);
        if (data)
          return {
            data,
            publicKey: key.publicKey,
            seal: (answer) => sealWith(box, shared, answer, random(NONCE_LENGTH)),
          };
      }
      return undefined;
    },
  };
}

class CurveKey {
  readonly publicKey: string;
  readonly #shared = new Recent<Uint8Array>(SERVERS_KEPT);
  readonly #privateKey: Uint8Array;

  constructor(
    privateKey: Uint8Array,
    private readonly box: Box,
  ) {
    this.#privateKey = privateKey;
    this.publicKey = publicNkey('curve', box.publicKeyOf(privateKey));
  }

  sharedWith(other: string): Uint8Array | undefined {
    return this.#shared.get(other, () => {
      const nkey = parsePublicNkey(other);
      return nkey?.kind === 'curve' ? this.box.sharedKey(this.#privateKey, nkey.raw) : undefined;
    });
  }
}

function isSealed(data: Uint8Array): boolean {
  return (
    data.length >= VERSION.length + NONCE_LENGTH + TAG_LENGTH &&
    VERSION.equals(data.subarray(0, VERSION.length))
  );
}

function openWith(box: Box, shared: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const start = VERSION.length + NONCE_LENGTH;
  return box.open(shared, sealed.subarray(VERSION.length, start), sealed.subarray(start));
}

function sealWith(box: Box, shared: Uint8Array, data: Uint8Array, nonce: Uint8Array): Uint8Array {
  return Buffer.concat([VERSION, nonce, box.seal(shared, nonce, data)]);
}
